//! The shop's settings file.

use checkout::money::Currency;
use till::barcode::label_prefix;
use till::settings::{LANGUAGES, Settings};

pub fn shop(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let settings = match Settings::parse(text) {
        Ok(settings) => settings,
        Err(error) => return assert!(!error.path().is_empty(), "a refusal names its place: {error}"),
    };
    assert_eq!(Settings::parse(&format!("\u{feff}{text}")).as_ref(), Ok(&settings), "a byte order mark says nothing");
    assert!(!settings.shop.name.trim().is_empty() && !settings.till.trim().is_empty());
    assert!(settings.terms.line_step_minor > 0 && settings.terms.cash_step_minor > 0);
    assert!((1..=2).contains(&settings.receipt_languages.len()));
    assert!(settings.receipt_languages.iter().chain([&settings.language]).all(|language| LANGUAGES.contains(&language.as_str())));
    assert!(settings.default_vat.is_none_or(|rate| rate.basis_points() <= 10_000));
    assert!((1..=240).contains(&settings.lock_minutes));
    for person in &settings.people {
        assert!(person.role.takes_pin(&person.pin) && !person.name.trim().is_empty());
    }
    let labels = settings.own_codes.labels.iter().map(|label| label_prefix(label).expect("a label has a beginning"));
    let beginnings: Vec<&str> = labels.chain(settings.own_codes.cards.iter().map(String::as_str)).collect();
    for (index, one) in beginnings.iter().enumerate() {
        assert!(beginnings[..index].iter().all(|other| !one.starts_with(other) && !other.starts_with(one)), "a code has one meaning");
    }
    if let Some(kaspi) = settings.kaspi {
        assert_eq!(settings.currency, Currency::Kzt);
        assert!((1..=1000).contains(&kaspi.time_scale) && kaspi.address.contains(':'));
        assert!(drivers::link::http::Http::new(&kaspi.address, &drivers::link::trust::Trust::Plain).is_ok());
    }
}
