//! What a scanner sends: barcodes, labels of the shop's scales, marking codes, customer cards.

use till::barcode::{OwnCodes, Scanned, check_digit_holds, item_codes, label_prefix, read, spellings};

pub fn scanned(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let own = OwnCodes::default();
    let Ok(scanned) = read(text, &own) else { return };
    assert_eq!(read(&format!("\r\n {text}\t"), &own).as_ref(), Ok(&scanned), "what a scanner adds at the ends says nothing");
    match &scanned {
        Scanned::CustomerCard { code } => assert!(code.starts_with("29") && code.len() == 13 && check_digit_holds(code)),
        Scanned::Weighed { item, grams, label } => {
            assert!((1..=99_999).contains(grams));
            assert_eq!(format!("21{item}{grams:05}"), label[..12], "a label says what is printed on it");
            assert!(check_digit_holds(label));
        }
        Scanned::Priced { item, steps, label } => {
            assert!((1..=99_999).contains(steps));
            assert_eq!(format!("23{item}{steps:05}"), label[..12], "a label says what is printed on it");
            assert!(check_digit_holds(label));
        }
        Scanned::Marked { gtin, serial, raw } => {
            assert!(text.contains(raw.as_str()), "a marking code is kept byte for byte");
            assert!(check_digit_holds(gtin) && gtin.len() == 14 && !serial.is_empty());
            assert!(raw.contains(&format!("01{gtin}21{serial}")));
            assert_eq!(read(raw, &own).as_ref(), Ok(&scanned), "what was kept reads the same");
        }
        Scanned::Plain { code } => {
            assert!(text.contains(code.as_str()));
            let spellings = spellings(code);
            assert_eq!(&spellings[0], code);
            assert!(spellings[1..].iter().all(|other| check_digit_holds(other) && other != code), "{spellings:?}");
        }
    }
}

/// A label's layout, a line end, a code.
pub fn label(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (layout, code) = text.split_once('\n').unwrap_or((text, text));
    let Some(prefix) = label_prefix(layout) else { return };
    assert!(!prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit()) && layout.starts_with(prefix));
    let own = OwnCodes { cards: Vec::new(), labels: vec![layout.to_owned()] };
    let (Ok(Scanned::Weighed { item, grams: value, label }) | Ok(Scanned::Priced { item, steps: value, label })) = read(code, &own) else {
        return;
    };
    assert!(value > 0 && label.starts_with(prefix) && check_digit_holds(&label));
    assert_eq!(item.len(), layout.matches('I').count());
    assert!(label[prefix.len()..].starts_with(&item));
    assert!(item_codes(&item).iter().all(|code| item.ends_with(code.as_str())));
}
