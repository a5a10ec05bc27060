//! Barcodes as spreadsheets leave them. What a check digit proves is mended; what is lost is refused.

use super::Mistake;
use crate::barcode::check_digit_holds;

/// The barcode to keep, or why there is none.
///
/// - `4870003100016.0`, `4870003100016,0` and `4.870003100016E+12` hold all digits and are written out;
/// - 11 or 12 digits that become a valid EAN-13 behind zeros lost them, or are UPC-A: both are the same code;
/// - `4.87E+12` has lost digits, and 12, 13 or 14 digits with a wrong check digit are mistyped: refused.
///
/// Other lengths, and codes with letters, are the shop's own and stay as they are.
pub fn barcode(text: &str) -> Result<String, Mistake> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = written_out(&compact)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(digits);
    }
    match digits.len() {
        11 | 12 => {
            let padded = format!("{digits:0>13}");
            if check_digit_holds(&padded) {
                Ok(padded)
            } else if digits.len() == 11 {
                Ok(digits)
            } else {
                Err(Mistake::CheckDigit(text.to_owned()))
            }
        }
        13 | 14 if !check_digit_holds(&digits) => Err(Mistake::CheckDigit(text.to_owned())),
        _ => Ok(digits),
    }
}

/// A number without Excel's exponent and empty decimals.
fn written_out(text: &str) -> Result<String, Mistake> {
    let lower = text.to_ascii_lowercase().replace(',', ".");
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match lower.split_once('e') {
        Some((mantissa, exponent)) => match exponent.strip_prefix('+').unwrap_or(exponent).parse::<usize>() {
            Ok(exponent) => (mantissa, Some(exponent)),
            Err(_) => return Ok(text.to_owned()),
        },
        None => (lower.as_str(), None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    if !is_digits(whole) || !is_digits(fraction) {
        return Ok(text.to_owned());
    }
    match exponent {
        None if fraction.bytes().all(|byte| byte == b'0') => Ok(whole.to_owned()),
        None => Ok(text.to_owned()),
        Some(exponent) if whole.len() == 1 && fraction.len() == exponent => {
            let digits = format!("{whole}{fraction}");
            let full = format!("{digits:0>13}");
            if check_digit_holds(&full) { Ok(full) } else { Err(Mistake::DigitsLost(text.to_owned())) }
        }
        Some(_) if mantissa.contains('.') => Err(Mistake::DigitsLost(text.to_owned())),
        Some(_) => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(barcode(text).ok().as_deref(), expected, "{text}");
    }

    #[test]
    fn what_the_check_digit_proves_is_mended() {
        check("4870003100016", Some("4870003100016"));
        check("4870003100016.0", Some("4870003100016"));
        check("4870003100016,00", Some("4870003100016"));
        check("4.870003100016E+12", Some("4870003100016"));
        check("4,870003100016e12", Some("4870003100016"));
        check(" 4870003 100016 ", Some("4870003100016"));
        check("36000291452", Some("0036000291452"));
        check("036000291452", Some("0036000291452"));
    }

    #[test]
    fn what_is_lost_is_refused() {
        check("4.87E+12", None);
        check("4,87E+12", None);
        check("4.870003100017E+12", None);
        check("4870003100017", None);
        check("036000291453", None);
    }

    #[test]
    fn the_shops_own_codes_stay() {
        for own in ["123", "A-17", "46102", "1E5", "5E2X", "12345678901"] {
            check(own, Some(own));
        }
    }
}
