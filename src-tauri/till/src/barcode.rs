//! What a scanned code means, before any good is looked up: a marked good's code, which proves itself, then customer
//! cards, then codes the shop's own scales print, then plain barcodes. Pure: bytes in, meaning out.

/// What separates the variable parts of a GS1 code.
const GS: char = '\u{1d}';

/// The codes that a shop gives out itself, from its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCodes {
    /// Barcodes that begin so are customer cards.
    pub cards: Vec<String>,
    /// Labels of thirteen digits: first digits that stand for themselves, then `I` the item, then `W` grams or `P` the
    /// price in steps of the smallest line amount (whole tenge, cents), last `C` the check digit.
    pub labels: Vec<String>,
}

impl Default for OwnCodes {
    fn default() -> OwnCodes {
        OwnCodes { cards: vec!["29".to_owned()], labels: ["21IIIIIWWWWWC", "23IIIIIPPPPPC"].map(str::to_owned).to_vec() }
    }
}

/// The digits a label begins with; none where it is no label.
pub fn label_prefix(label: &str) -> Option<&str> {
    let prefix = &label[..label.find(|c: char| !c.is_ascii_digit())?];
    let rest = label.strip_prefix(prefix)?.strip_suffix('C')?;
    let value = rest.trim_start_matches('I');
    let is_value = ['W', 'P'].iter().any(|letter| !value.is_empty() && value.chars().all(|c| c == *letter));
    (label.len() == 13 && !prefix.is_empty() && value.len() < rest.len() && is_value).then_some(prefix)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    CustomerCard {
        code: String,
    },
    /// A label of a scale: the item's number as printed, and the weight in grams.
    Weighed {
        item: String,
        grams: i64,
        label: String,
    },
    /// A label with the amount to pay, in steps of the currency's smallest line amount.
    Priced {
        item: String,
        steps: i64,
        label: String,
    },
    /// A marked good's DataMatrix. `raw` is the code byte for byte, separators included.
    Marked {
        gtin: String,
        serial: String,
        raw: String,
    },
    Plain {
        code: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BarcodeError {
    #[error("the code is empty")]
    Empty,
    /// Misread, or a label that was damaged.
    #[error("the check digit of {0} is wrong: scan it again, or print the label again")]
    CheckDigit(String),
    #[error("the label {0} says nothing: weight or price is zero")]
    Zero(String),
    #[error("the marking code is incomplete: scan it again")]
    Marking,
}

/// Does the last digit of an EAN-8, UPC-A, EAN-13 or GTIN-14 follow from the others? (GS1 General Specifications, 7.9)
pub fn check_digit_holds(code: &str) -> bool {
    let digits = code.bytes().rev().enumerate();
    let sum: u32 = digits.map(|(place, byte)| u32::from(byte.wrapping_sub(b'0')) * if place % 2 == 1 { 3 } else { 1 }).sum();
    matches!(code.len(), 8 | 12 | 13 | 14) && code.bytes().all(|byte| byte.is_ascii_digit()) && sum.is_multiple_of(10)
}

/// Reads what a scanner sent, with or without its AIM prefix (`]E0`, `]d2` …).
pub fn read(scanned: &str, own_codes: &OwnCodes) -> Result<Scanned, BarcodeError> {
    let (symbology, code) = without_aim(scanned.trim_matches([' ', '\r', '\n', '\t']));
    if code.is_empty() {
        return Err(BarcodeError::Empty);
    }
    let is_gs1 = matches!(symbology, Some("]d2" | "]Q3" | "]C1"));
    if let Some(marked) = marking(code, is_gs1)? {
        return Ok(marked);
    }
    let code = code.trim_start_matches(GS);
    if own_codes.cards.iter().any(|prefix| code.starts_with(prefix.as_str())) && code.len() == 13 && check_digit_holds(code) {
        return Ok(Scanned::CustomerCard { code: code.to_owned() });
    }
    for label in &own_codes.labels {
        if let Some(own) = own(code, label)? {
            return Ok(own);
        }
    }
    Ok(Scanned::Plain { code: code.to_owned() })
}

/// The form of a barcode printed on goods. No badge has it, so that neither is taken for the other.
pub fn is_of_goods(code: &str) -> bool {
    (12..=14).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()) && check_digit_holds(code)
}

/// The codes under which a label's item may stand in the catalogue: as printed, and without leading zeros.
pub fn item_codes(item: &str) -> Vec<String> {
    let mut codes = vec![item.to_owned()];
    let bare = item.trim_start_matches('0');
    if bare != item {
        codes.push(bare.to_owned());
    }
    codes
}

/// The codes under which a plain barcode may stand in the catalogue, best first: as scanned, UPC-A as the EAN-13 it
/// is, a GTIN-14 of one piece as its EAN-13, an EAN-13 as the UPC-A printed on the pack.
pub fn spellings(code: &str) -> Vec<String> {
    let mut spellings = vec![code.to_owned()];
    if check_digit_holds(code) {
        match code.len() {
            12 => spellings.push(format!("0{code}")),
            13 => spellings.extend(code.strip_prefix('0').map(str::to_owned)),
            14 => {
                if let Some(ean) = code.strip_prefix('0') {
                    spellings.push(ean.to_owned());
                    // An EAN-8 in fourteen digits.
                    spellings.extend(ean.strip_prefix("00000").map(str::to_owned));
                }
            }
            _ => {}
        }
    }
    spellings
}

fn without_aim(code: &str) -> (Option<&str>, &str) {
    let is_aim = code.len() > 3 && code.starts_with(']') && code.is_char_boundary(3) && code.as_bytes()[1].is_ascii_alphabetic();
    if is_aim { (Some(&code[..3]), &code[3..]) } else { (None, code) }
}

/// `01` GTIN-14 `21` serial, ended by a separator or the end of the code. Without the scanner's word for it a code is
/// taken for a marking only where its GTIN proves itself.
fn marking(code: &str, is_gs1: bool) -> Result<Option<Scanned>, BarcodeError> {
    let body = code.trim_start_matches(GS);
    let Some(rest) = body.strip_prefix("01") else { return Ok(None) };
    let gtin = rest.get(..14).filter(|gtin| check_digit_holds(gtin));
    let serial = rest.get(14..).and_then(|rest| rest.strip_prefix("21")).and_then(|rest| rest.split(GS).next());
    match (gtin, serial.filter(|serial| !serial.is_empty())) {
        (Some(gtin), Some(serial)) => Ok(Some(Scanned::Marked { gtin: gtin.to_owned(), serial: serial.to_owned(), raw: code.to_owned() })),
        _ if is_gs1 => Err(BarcodeError::Marking),
        _ => Ok(None),
    }
}

/// Reads a code by one of the shop's labels; none where it is not of that layout.
fn own(code: &str, layout: &str) -> Result<Option<Scanned>, BarcodeError> {
    let same_shape = code.len() == layout.len()
        && code.bytes().zip(layout.bytes()).all(|(digit, place)| digit.is_ascii_digit() && (!place.is_ascii_digit() || place == digit));
    if !same_shape {
        return Ok(None);
    }
    if !check_digit_holds(code) {
        return Err(BarcodeError::CheckDigit(code.to_owned()));
    }
    let part =
        |letter: char| code.chars().zip(layout.chars()).filter(|(_, place)| *place == letter).map(|(digit, _)| digit).collect::<String>();
    let number = |letter: char| part(letter).parse::<i64>().unwrap_or(0);
    let item = part('I');
    match (number('W'), number('P')) {
        (grams, 0) if grams > 0 => Ok(Some(Scanned::Weighed { item, grams, label: code.to_owned() })),
        (0, steps) if steps > 0 => Ok(Some(Scanned::Priced { item, steps, label: code.to_owned() })),
        _ => Err(BarcodeError::Zero(code.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_here(scanned: &str) -> Result<Scanned, BarcodeError> {
        read(scanned, &OwnCodes::default())
    }

    fn with_check_digit(body: &str) -> String {
        (0..10).map(|digit| format!("{body}{digit}")).find(|code| check_digit_holds(code)).unwrap()
    }

    #[test]
    fn a_scales_label_gives_item_and_weight() {
        assert_eq!(
            read_here("2100123012503"),
            Ok(Scanned::Weighed { item: "00123".to_owned(), grams: 1250, label: "2100123012503".to_owned() })
        );
        assert_eq!(
            read_here("]E02100123012503\r\n"),
            Ok(Scanned::Weighed { item: "00123".to_owned(), grams: 1250, label: "2100123012503".to_owned() })
        );
        assert_eq!(read_here("2100123012504"), Err(BarcodeError::CheckDigit("2100123012504".to_owned())));
        let priced = with_check_digit("230012300450");
        assert_eq!(read_here(&priced), Ok(Scanned::Priced { item: "00123".to_owned(), steps: 450, label: priced }));
        assert_eq!(item_codes("00123"), ["00123", "123"]);
        assert!(matches!(read_here(&with_check_digit("210012300000")), Err(BarcodeError::Zero(_))));
    }

    #[test]
    fn a_shop_names_its_own_cards_and_labels() {
        let own = OwnCodes { cards: vec!["2000".to_owned()], labels: vec!["27IIIIWWWWWWC".to_owned()] };
        let label = with_check_digit("270042000750");
        assert_eq!(read(&label, &own), Ok(Scanned::Weighed { item: "0042".to_owned(), grams: 750, label }));
        let card = with_check_digit("200000000001");
        assert_eq!(read(&card, &own), Ok(Scanned::CustomerCard { code: card.clone() }));
        for plain in ["2100123012503".to_owned(), with_check_digit("290000000012")] {
            assert_eq!(read(&plain, &own), Ok(Scanned::Plain { code: plain.clone() }));
        }
        let none = OwnCodes { cards: Vec::new(), labels: Vec::new() };
        assert!(matches!(read("2100123012504", &none), Ok(Scanned::Plain { .. })));
    }

    #[test]
    fn a_label_is_digits_then_item_then_weight_or_price_then_check_digit() {
        for (label, prefix) in [
            ("21IIIIIWWWWWC", Some("21")),
            ("2IIIIIIPPPPPC", Some("2")),
            ("21IIIIIWWWWW", None),
            ("21IIIIIWWWWWWC", None),
            ("21IIIIIWWPPPC", None),
            ("21WWWWWIIIIIC", None),
            ("21IIIIIIIIIIC", None),
            ("IIIIIIIWWWWWC", None),
            ("21IIIIIwwwwwC", None),
            ("", None),
        ] {
            assert_eq!(label_prefix(label), prefix, "{label}");
        }
    }

    #[test]
    fn a_marking_keeps_every_byte() {
        let raw = "010487000310001621a%Bc\"1\u{1d}91EE07\u{1d}92abcd=";
        let expected = Scanned::Marked { gtin: "04870003100016".to_owned(), serial: "a%Bc\"1".to_owned(), raw: raw.to_owned() };
        assert_eq!(read_here(&format!("]d2{raw}")), Ok(expected.clone()));
        assert_eq!(read_here(raw), Ok(expected), "recognised without the scanner's word too");
        let led = format!("\u{1d}{raw}");
        assert!(matches!(read_here(&led), Ok(Scanned::Marked { raw, .. }) if raw == led));
        assert_eq!(read_here("]d20104870003100016"), Err(BarcodeError::Marking));
    }

    #[test]
    fn cards_come_before_goods_and_plain_codes_stay() {
        let card = with_check_digit("290000000012");
        assert_eq!(read_here(&card), Ok(Scanned::CustomerCard { code: card.clone() }));
        for plain in ["4870003100016", "1001", "A-17", "]", "012345678905"] {
            assert_eq!(read_here(plain), Ok(Scanned::Plain { code: plain.to_owned() }));
        }
        assert_eq!(read_here("  "), Err(BarcodeError::Empty));
    }

    #[test]
    fn one_code_has_several_spellings() {
        assert_eq!(spellings("036000291452"), ["036000291452", "0036000291452"]);
        assert_eq!(spellings("0036000291452"), ["0036000291452", "036000291452"]);
        assert_eq!(spellings("04870003100016"), ["04870003100016", "4870003100016"]);
        assert_eq!(spellings("1001"), ["1001"]);
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(body in "[0-9]{12}", place in 0_usize..13, other in 1_u8..10) {
            let code = with_check_digit(&body);
            let mut bytes = code.clone().into_bytes();
            bytes[place] = b'0' + (bytes[place] - b'0' + other) % 10;
            prop_assert!(!check_digit_holds(&String::from_utf8(bytes).unwrap()));
        }

        #[test]
        fn every_weight_comes_back(item in 1_i64..100_000, grams in 1_i64..100_000) {
            let code = with_check_digit(&format!("21{item:05}{grams:05}"));
            prop_assert_eq!(read_here(&code), Ok(Scanned::Weighed { item: format!("{item:05}"), grams, label: code }));
        }

        #[test]
        fn nothing_scanned_brings_the_till_down(code in "\\PC{0,40}") {
            let _ = read_here(&code);
            let _ = spellings(&code);
        }
    }
}
