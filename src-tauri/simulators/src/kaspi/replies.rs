//! JSON bodies, in the vendor's order of keys (alphabetical).
//!
//! Source: protocol sheet §1.2, §1.4, §1.5; the examples of the vendor file
//! are retyped in the tests below, with the nesting the sheet corrects.

use serde::Serialize;
use serde_json::Value;

use super::options::Grouping;

/// What the terminal sends back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body; JSON in UTF-8 unless a fault spoilt it.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as text, with `�` for what is no UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A reply before it becomes bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub(super) http: u16,
    pub(super) envelope: Envelope,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Envelope {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<Data>,
    #[serde(rename = "errorText", skip_serializing_if = "Option::is_none")]
    pub(super) error_text: Option<String>,
    #[serde(rename = "statusCode")]
    pub(super) status_code: i32,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Data {
    Process(Box<ProcessData>),
    Device(DeviceInfo),
    Tokens(TokenData),
    /// What a 105 says beside its text.
    Message {
        message: String,
    },
}

/// `data` of a started process and of every status.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProcessData {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) add_info: Option<AddInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cheque_info: Option<ChequeInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    pub(super) process_id: String,
    pub(super) status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sub_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transaction_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AddInfo {
    pub(super) is_offer: bool,
    pub(super) loan_term: i32,
    pub(super) product_type: &'static str,
}

impl AddInfo {
    /// A plain purchase, without a loan or an offer.
    pub(super) fn plain() -> Self {
        Self { is_offer: false, loan_term: 0, product_type: "Gold" }
    }
}

/// The receipt data. A card has no `orderNumber`; a QR has only that of the
/// optional fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChequeInfo {
    pub(super) address: String,
    pub(super) amount: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) authorization_code: Option<String>,
    pub(super) bin: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) card_mask: Option<&'static str>,
    pub(super) city: String,
    pub(super) date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host_response_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) icc: Option<&'static str>,
    pub(super) method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pin_entered: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rrn: Option<String>,
    pub(super) status: String,
    pub(super) store_name: String,
    pub(super) terminal_id: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeviceInfo {
    pub(super) pos_num: String,
    pub(super) serial_num: String,
    pub(super) terminal_id: String,
}

/// `data` of `register` and `revoke`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenData {
    pub(super) access_token: String,
    pub(super) expiration_date: String,
    pub(super) refresh_token: String,
}

pub(super) const INVALID_URL: &str = "Invalid Url. Please, contact developers";
pub(super) const INTERNAL_ERROR: &str = "Internal Error. Please, contact developers";
pub(super) const BLOCKED: &str = "Payments are blocked";
pub(super) const BUSY: &str = "Could not register transaction. Last operation was not completed.";

impl Reply {
    pub(super) fn done(data: Data) -> Self {
        Self { http: 200, envelope: Envelope { data: Some(data), error_text: None, status_code: 0 } }
    }

    pub(super) fn process(data: ProcessData) -> Self {
        Self::done(Data::Process(Box::new(data)))
    }

    pub(super) fn started(process_id: String) -> Self {
        Self::process(ProcessData { process_id, status: "wait".to_owned(), ..ProcessData::default() })
    }

    pub(super) fn error(http: u16, status_code: i32, text: impl Into<String>) -> Self {
        Self { http, envelope: Envelope { data: None, error_text: Some(text.into()), status_code } }
    }

    pub(super) fn missing(param: &str) -> Self {
        Self::error(400, 999, format!("Missing param: {param}"))
    }

    pub(super) fn unvalidated(param: &str, cause: &str) -> Self {
        Self::error(400, 999, format!("Param unvalidated: {param}. {cause}"))
    }

    pub(super) fn busy() -> Self {
        Self::error(200, 107, BUSY)
    }

    /// The general error body of an HTTP status.
    pub(super) fn general(http: u16) -> Self {
        let text = match http {
            404 => INVALID_URL,
            401 => "Authorization failed",
            // The table puts this text under 401, the prose says 403 (§1.5).
            403 => "Session expires and need to be updated",
            _ => INTERNAL_ERROR,
        };
        Self::error(http, 999, text)
    }

    pub(super) fn process_data(&mut self) -> Option<&mut ProcessData> {
        match &mut self.envelope.data {
            Some(Data::Process(data)) => Some(data),
            Some(Data::Device(_) | Data::Tokens(_) | Data::Message { .. }) | None => None,
        }
    }

    pub(super) fn into_response(self) -> Response {
        Response {
            status: self.http,
            // The types above always serialise: text keys, no maps, no floats.
            body: serde_json::to_vec(&self.envelope).unwrap_or_default(),
        }
    }
}

/// `4 870 ₸`, a refund `- 4 870 ₸` (§1.4).
pub(super) fn amount_text(amount_tenge: i64, refund: bool, grouping: Grouping) -> String {
    let separator = match grouping {
        Grouping::None => "",
        Grouping::Space => " ",
        Grouping::Nbsp => "\u{a0}",
    };
    let digits = amount_tenge.to_string();
    let mut text = String::from(if refund { "- " } else { "" });
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push_str(separator);
        }
        text.push(digit);
    }
    text.push_str(" ₸");
    text
}

/// `dd.MM.yy HH:mm:ss` on a clock of Kazakhstan, UTC+5 (§1.7).
pub(super) fn receipt_date(clock_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(clock_ms)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(5)))
        .strftime("%d.%m.%y %H:%M:%S")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(reply: Reply) -> String {
        reply.into_response().text()
    }

    #[test]
    fn a_start_is_the_vendors_example() {
        assert_eq!(
            body(Reply::started("1678090451700".to_owned())),
            r#"{"data":{"processId":"1678090451700","status":"wait"},"statusCode":0}"#
        );
    }

    #[test]
    fn errors_are_the_vendors_examples() {
        assert_eq!(
            body(Reply::unvalidated("amount", "Must be greater 0")),
            r#"{"errorText":"Param unvalidated: amount. Must be greater 0","statusCode":999}"#
        );
        assert_eq!(body(Reply::missing("name")), r#"{"errorText":"Missing param: name","statusCode":999}"#);
        assert_eq!(body(Reply::general(404)), r#"{"errorText":"Invalid Url. Please, contact developers","statusCode":999}"#);
    }

    #[test]
    fn amounts_are_grouped_as_asked() {
        let cases = [
            (1, false, Grouping::Space, "1 ₸"),
            (1, true, Grouping::Space, "- 1 ₸"),
            (999, false, Grouping::Space, "999 ₸"),
            (4_870, false, Grouping::Space, "4 870 ₸"),
            (4_870, false, Grouping::None, "4870 ₸"),
            (4_870, true, Grouping::Nbsp, "- 4\u{a0}870 ₸"),
            (1_234_567, false, Grouping::Space, "1 234 567 ₸"),
        ];
        for (tenge, refund, grouping, text) in cases {
            assert_eq!(amount_text(tenge, refund, grouping), text);
        }
    }

    #[test]
    fn the_receipt_clock_is_utc_plus_five() {
        assert_eq!(receipt_date(0), "01.01.70 05:00:00");
        assert_eq!(receipt_date(1_678_094_411_000), "06.03.23 14:20:11");
    }
}
