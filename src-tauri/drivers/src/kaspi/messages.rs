//! Kaspi's words: requests out, replies in (protocol sheet §1.2–1.5). Reading is lenient in shape and
//! strict in meaning: numbers may be text, fields may stand beside `chequeInfo` or be missing, but a
//! word that is not known is never taken for a yes or a no.

use crate::link::HttpReply;
use checkout::money::{Currency, Money};
use checkout::payment::{Answer, Slip};
use checkout::ports::Unit;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub const DEVICE_INFO: &str = "/v2/deviceinfo";

/// Starts a payment. `own_receipt`: the till prints the slip, the terminal does not.
pub fn payment_path(amount_tenge: i64, own_receipt: bool) -> String {
    format!("/v2/payment?amount={amount_tenge}&owncheque={own_receipt}")
}

/// Starts a refund of a payment, named by its method and the bank's number for it.
pub fn refund_path(amount_tenge: i64, of: &Reference, own_receipt: bool) -> String {
    let (method, id) = (query_text(&of.method), query_text(&of.transaction_id));
    format!("/v2/refund?amount={amount_tenge}&method={method}&transactionId={id}&owncheque={own_receipt}")
}

pub fn status_path(process_id: &str) -> String {
    format!("/v2/status?processId={}", query_text(process_id))
}

pub fn actualize_path(process_id: &str) -> String {
    format!("/v2/actualize?processId={}", query_text(process_id))
}

pub fn register_path(name: &str) -> String {
    format!("/v2/register?name={}", query_text(name))
}

/// `revoke` is the vendor's word for a renewal.
pub fn renew_path(name: &str, refresh_token: &str) -> String {
    format!("/v2/revoke?name={}&refreshToken={}", query_text(name), query_text(refresh_token))
}

/// Ids are digits; whatever else a terminal may one day send is escaped.
fn query_text(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => (byte as char).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// A reply whose envelope could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    pub http: u16,
    /// 0: the call worked. Not the HTTP code.
    pub code: i64,
    pub text: Option<String>,
    pub data: Map<String, Value>,
}

/// The reply is not Kaspi's: not JSON, or without a status code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("HTTP {http}: {why}")]
pub struct Unreadable {
    pub http: u16,
    pub why: &'static str,
}

pub fn read(reply: &HttpReply) -> Result<Envelope, Unreadable> {
    let unreadable = |why| Unreadable { http: reply.status, why };
    let value: Value = serde_json::from_slice(&reply.body).map_err(|_| unreadable("the body is not JSON"))?;
    let Value::Object(mut fields) = value else { return Err(unreadable("the body is not an object")) };
    let code = fields.get("statusCode").and_then(whole_number).ok_or(unreadable("there is no statusCode"))?;
    let text = fields.get("errorText").and_then(plain_text);
    let data = match fields.remove("data") {
        Some(Value::Object(data)) => data,
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(unreadable("data is not an object")),
    };
    Ok(Envelope { http: reply.status, code, text, data })
}

impl Envelope {
    /// The device's own words: `data.message` says more than `errorText` where both are there (105).
    pub fn words(&self) -> Option<String> {
        self.data.get("message").and_then(plain_text).or_else(|| self.text.clone())
    }

    pub fn process_id(&self) -> Option<String> {
        self.data.get("processId").and_then(plain_text)
    }
}

/// Access token, refresh token, and the end as the terminal writes it.
pub fn tokens(envelope: &Envelope) -> Option<(String, String, String)> {
    let field = |name: &str| envelope.data.get(name).and_then(plain_text);
    let secret = |name: &str| field(name).filter(|token| !token.is_empty());
    Some((secret("accessToken")?, secret("refreshToken")?, field("expirationDate").unwrap_or_default()))
}

/// Who answers: `deviceinfo`.
pub fn unit(envelope: &Envelope) -> Option<Unit> {
    let field = |name: &str| envelope.data.get(name).and_then(plain_text).map(|text| text.trim().to_owned());
    let serial = field("serialNum").filter(|serial| envelope.code == 0 && !serial.is_empty())?;
    Some(Unit { serial, terminal: field("terminalId").unwrap_or_default() })
}

/// What `status` and `actualize` say of a process.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Not final; the sub-status is for the screen only.
    Wait { sub_status: String },
    /// Final: money was taken. The answer is missing where the terminal names no readable amount.
    Success { answer: Option<Answer> },
    /// Final: no money was taken.
    Fail { sub_status: String, message: Option<String> },
    /// The terminal does not know yet; money may have moved.
    Unsure { message: Option<String> },
    /// A status this driver has never heard of: not final.
    Unheard { status: String },
}

pub fn progress(envelope: &Envelope) -> Progress {
    let data = &envelope.data;
    let sub_status = data.get("subStatus").and_then(plain_text).unwrap_or_default();
    let message = data.get("message").and_then(plain_text);
    match data.get("status").and_then(plain_text).unwrap_or_default().as_str() {
        "wait" => Progress::Wait { sub_status },
        "success" => Progress::Success { answer: answer(data) },
        "fail" => Progress::Fail { sub_status, message },
        "unknown" => Progress::Unsure { message },
        status => Progress::Unheard { status: status.to_owned() },
    }
}

/// The references a refund and a reconciliation need, under our names, from Kaspi's.
const REFERENCES: [(&str, &str); 6] = [
    ("method", "method"),
    ("orderNumber", "order_number"),
    ("rrn", "rrn"),
    ("authorizationCode", "authorisation_code"),
    ("terminalId", "terminal_id"),
    ("cardMask", "card_mask"),
];

/// What a terminal finds a payment by (§1.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// `qr`, `card`, `alaqan`, or a method that is not known yet, as it came.
    pub method: String,
    /// A card's RRN; for the rest the order number.
    pub transaction_id: String,
}

impl Reference {
    /// From what was kept of a payment; none where a person decided it and no slip was ever seen.
    pub fn of(references: &BTreeMap<String, String>) -> Option<Reference> {
        let known = |name: &str| references.get(name).filter(|value| !value.is_empty()).cloned();
        let method = known("method")?;
        let by_method = if method == "card" { known("rrn") } else { known("order_number") };
        Some(Reference { method, transaction_id: by_method.or_else(|| known("transaction_id"))? })
    }
}

/// What a refund gave back: its amounts are written with a minus (§1.8). One without it, on a slip that does not call itself
/// a refund, is of something else.
pub fn given_back(answer: Answer) -> Answer {
    let is_refund = answer.amount.minor() < 0 || answer.slip.get("type") == Some("refund");
    let amount = if answer.amount.minor() < 0 || !is_refund { answer.amount.negated() } else { answer.amount };
    Answer { amount, ..answer }
}

/// Reads the slip: first `chequeInfo`, then the fields that some firmware puts beside it.
fn answer(data: &Map<String, Value>) -> Option<Answer> {
    let empty = Map::new();
    let cheque = data.get("chequeInfo").and_then(Value::as_object).unwrap_or(&empty);
    let field = |name: &str| cheque.get(name).or_else(|| data.get(name)).and_then(plain_text);
    // A number with a point has been through a float by now: it is not taken for an amount.
    let is_exact = |value: &&Value| !value.is_f64();
    let amount = read_amount(&cheque.get("amount").or_else(|| data.get("amount")).filter(is_exact).and_then(plain_text)?)?;
    let mut references = BTreeMap::new();
    for (theirs, ours) in REFERENCES {
        if let Some(value) = field(theirs).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()) {
            references.insert(ours.to_owned(), value);
        }
    }
    for (theirs, ours) in [("transactionId", "transaction_id"), ("processId", "process_id")] {
        if let Some(value) = data.get(theirs).and_then(plain_text) {
            references.insert(ours.to_owned(), value);
        }
    }
    let mut fields: Vec<(String, String)> = cheque.iter().filter_map(|(name, value)| Some((name.clone(), plain_text(value)?))).collect();
    for name in ["amount", "method", "orderNumber", "rrn"] {
        if let (None, Some(value)) = (cheque.get(name), data.get(name).and_then(plain_text)) {
            fields.push((name.to_owned(), value));
        }
    }
    Some(Answer { amount, references, slip: Slip { fields } })
}

/// `1 ₸`, `- 1 ₸`, `1 500 ₸`, NBSP and thin spaces, `T`, `тг`, `теңге`, a bare number. Anything else is none.
pub fn read_amount(text: &str) -> Option<Money> {
    let mut compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{202f}' && *c != '\u{a0}').collect();
    for sign in ["₸", "теңге", "тенге", "тг.", "тг", "KZT", "T", "Т"] {
        if let Some(figures) = compact.strip_suffix(sign) {
            compact = figures.to_owned();
            break;
        }
    }
    Money::parse_major(&compact, Currency::Kzt).ok()
}

/// Text, a number or a truth value as text; none for the rest.
fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn whole_number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reply(status: u16, body: &str) -> HttpReply {
        HttpReply { status, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn requests_are_written_byte_for_byte() {
        assert_eq!(payment_path(10, true), "/v2/payment?amount=10&owncheque=true");
        let card = Reference { method: "card".to_owned(), transaction_id: "307208187011".to_owned() };
        assert_eq!(refund_path(7, &card, false), "/v2/refund?amount=7&method=card&transactionId=307208187011&owncheque=false");
        assert_eq!(status_path("1643214345320"), "/v2/status?processId=1643214345320");
        assert_eq!(actualize_path("1678094695687"), "/v2/actualize?processId=1678094695687");
        assert_eq!(status_path("a b&c"), "/v2/status?processId=a%20b%26c");
    }

    #[test]
    fn amounts_are_read_as_terminals_write_them() {
        let tenge = |text: &str| read_amount(text).map(|money| money.minor() / 100);
        for (text, expected) in [
            ("1 ₸", 1),
            ("- 1 ₸", -1),
            ("1 500 ₸", 1500),
            ("1\u{a0}500\u{a0}₸", 1500),
            ("1\u{202f}500 T", 1500),
            ("1500 тг", 1500),
            ("12 500 теңге", 12_500),
            ("4870", 4870),
        ] {
            assert_eq!(tenge(text), Some(expected), "{text:?}");
        }
        for wrong in ["", "₸", "abc", "1 ₸ 2", "1..5", "1,2,3 ₸"] {
            assert_eq!(tenge(wrong), None, "{wrong:?} must not be read");
        }
    }

    #[test]
    fn a_payment_is_named_by_its_own_method_and_number() {
        let references = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let check = |pairs: &[(&str, &str)], expected: Option<(&str, &str)>| {
            let named = Reference::of(&references(pairs)).map(|named| (named.method, named.transaction_id));
            assert_eq!(named, expected.map(|(method, id)| (method.to_owned(), id.to_owned())));
        };
        check(&[("method", "qr"), ("order_number", "504711333"), ("transaction_id", "1")], Some(("qr", "504711333")));
        check(&[("method", "card"), ("rrn", "307208187011"), ("order_number", "2")], Some(("card", "307208187011")));
        check(&[("method", "alaqan"), ("order_number", "5")], Some(("alaqan", "5")));
        check(&[("method", "frost"), ("transaction_id", "9")], Some(("frost", "9")));
        check(&[("by_hand", "504711333")], None);
        check(&[("method", "card")], None);
    }

    #[test]
    fn only_a_refund_gives_back() {
        let answer = |minor: i64, kind: &str| Answer {
            amount: Money::new(minor, Currency::Kzt).unwrap(),
            references: BTreeMap::new(),
            slip: Slip { fields: vec![("type".to_owned(), kind.to_owned())] },
        };
        for (minor, kind, given) in [(-100, "refund", 100), (100, "refund", 100), (-100, "", 100), (100, "payment", -100), (100, "", -100)]
        {
            assert_eq!(given_back(answer(minor, kind)).amount.minor(), given, "{minor} {kind:?}");
        }
    }

    #[test]
    fn the_reply_to_a_start_names_the_process() {
        let envelope = read(&reply(200, r#"{"data":{"processId":"1678090451700","status":"wait"},"statusCode":0}"#)).unwrap();
        assert_eq!((envelope.code, envelope.process_id().as_deref()), (0, Some("1678090451700")));
        let number = read(&reply(200, r#"{"data":{"processId":1678090451700},"statusCode":"0"}"#)).unwrap();
        assert_eq!(number.process_id().as_deref(), Some("1678090451700"));
    }

    #[test]
    fn what_is_not_an_envelope_is_unreadable() {
        for body in ["", "<html>", "[]", "{}", r#"{"statusCode":null}"#, r#"{"statusCode":0,"data":7}"#, "{\"statusCode\":0"] {
            assert!(read(&reply(200, body)).is_err(), "{body:?}");
        }
    }

    #[test]
    fn error_105_speaks_through_its_message() {
        let body = r#"{"data":{"message":"Register Error. Last register request not completed"},"errorText":"Error acquired in service process","statusCode":105}"#;
        assert_eq!(read(&reply(200, body)).unwrap().words().as_deref(), Some("Register Error. Last register request not completed"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(envelope) = read(&HttpReply { status: 200, body }) {
                let _ = progress(&envelope);
            }
        }
    }
}
