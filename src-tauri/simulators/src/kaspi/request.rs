//! What a till asks: method, path and query, already read from the wire.

/// The operations of the terminal, as a fault script and a test name them.
///
/// Source: protocol sheet §1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// `/v2/payment`
    Payment,
    /// `/v2/status`
    Status,
    /// `/v2/actualize`
    Actualize,
    /// `/v2/refund`
    Refund,
    /// `/v2/deviceinfo`
    DeviceInfo,
    /// `/v2/register`
    Register,
    /// `/v2/revoke`, which renews tokens
    Renew,
    /// Anything else: the terminal has no such URL.
    Other,
}

impl Op {
    /// The words a fault script may use for `on`.
    pub const WORDS: &[&str] = &["payment", "status", "actualize", "refund", "deviceinfo", "register", "revoke", "other"];

    /// The operation's word in a fault script.
    pub fn word(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Status => "status",
            Self::Actualize => "actualize",
            Self::Refund => "refund",
            Self::DeviceInfo => "deviceinfo",
            Self::Register => "register",
            Self::Renew => "revoke",
            Self::Other => "other",
        }
    }

    fn of(method: &str, path: &str) -> Self {
        if method != "GET" {
            return Self::Other;
        }
        match path {
            "/v2/payment" => Self::Payment,
            "/v2/status" => Self::Status,
            "/v2/actualize" => Self::Actualize,
            "/v2/refund" => Self::Refund,
            "/v2/deviceinfo" => Self::DeviceInfo,
            "/v2/register" => Self::Register,
            "/v2/revoke" => Self::Renew,
            _ => Self::Other,
        }
    }
}

/// One request of a till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The operation that method and path name.
    pub op: Op,
    /// The path, without the query.
    pub path: String,
    /// The query's names and values, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// The header `accesstoken`.
    pub token: Option<String>,
    /// The header `terminalId`.
    pub terminal_id: Option<String>,
}

impl Request {
    /// A GET of this path and query, such as `/v2/payment?amount=10`.
    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A request by its HTTP method and target.
    pub fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            op: Op::of(method, path),
            path: path.to_owned(),
            query: query
                .split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
            token: None,
            terminal_id: None,
        }
    }

    /// The same request with a header; others than the two the terminal reads are left out.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if name.eq_ignore_ascii_case("accesstoken") {
            self.token = Some(value.to_owned());
        } else if name.eq_ignore_ascii_case("terminalId") {
            self.terminal_id = Some(value.to_owned());
        }
        self
    }

    /// The first value of a parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Undoes percent-encoding; what is no proper escape stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = match bytes[at] {
            b'%' => text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok()),
            _ => None,
        };
        match (bytes[at], escaped) {
            (_, Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (b'+', None) => {
                decoded.push(b' ');
                at += 1;
            }
            (byte, None) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_taken_apart() {
        let request = Request::get("/v2/payment?amount=10&owncheque=true");
        assert_eq!(request.op, Op::Payment);
        assert_eq!(request.param("amount"), Some("10"));
        assert_eq!(request.param("owncheque"), Some("true"));
        assert_eq!(request.param("Amount"), None);
    }

    #[test]
    fn names_and_values_are_decoded() {
        let request = Request::get("/v2/refund?transactionId=5%204+7&method=%D2%9B&rest=%zz&bare");
        assert_eq!(request.param("transactionId"), Some("5 4 7"));
        assert_eq!(request.param("method"), Some("қ"));
        assert_eq!(request.param("rest"), Some("%zz"));
        assert_eq!(request.param("bare"), Some(""));
    }

    #[test]
    fn only_get_and_only_v2_is_known() {
        let unknown =
            [("POST", "/v2/payment?amount=10"), ("GET", "/payment?amount=10"), ("GET", "/v2/cancel?processId=1"), ("GET", "/v2/payment/")];
        for (method, target) in unknown {
            assert_eq!(Request::new(method, target).op, Op::Other, "{target}");
        }
    }
}
