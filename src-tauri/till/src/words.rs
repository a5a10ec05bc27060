//! The receipt's words, from the same catalogues the screen uses.

use checkout::layout::Words;
use serde_json::{Map, Value};

/// One language's words.
pub struct Catalogue {
    words: Map<String, Value>,
}

impl Catalogue {
    /// The catalogue of a language tag; English where there is none.
    pub fn of(language: &str) -> Catalogue {
        let text = match language {
            "kk" => include_str!("../../../ui/messages/kk.json"),
            "ru" => include_str!("../../../ui/messages/ru.json"),
            _ => include_str!("../../../ui/messages/en.json"),
        };
        Catalogue { words: serde_json::from_str(text).unwrap_or_default() }
    }
}

impl Words for Catalogue {
    /// A missing word shows its key: ugly on paper, and a test finds it first.
    fn word(&self, key: &str) -> &str {
        match self.words.get(key) {
            Some(Value::String(word)) => word,
            _ => KEYS.iter().copied().find(|known| *known == key).unwrap_or("?"),
        }
    }
}

/// The words a receipt uses. Every language has them all.
pub const KEYS: [&str; 49] = [
    "receipt_bin",
    "receipt_by_price",
    "receipt_cash",
    "receipt_change",
    "receipt_copy",
    "receipt_discount",
    "receipt_kaspi",
    "receipt_line_discount",
    "receipt_no_vat",
    "receipt_not_fiscal",
    "receipt_receipt",
    "receipt_refund",
    "receipt_refund_of",
    "receipt_refund_total",
    "receipt_report_empty",
    "receipt_report_held",
    "receipt_report_refund_open",
    "receipt_report_refunds",
    "receipt_report_sales",
    "receipt_report_vat",
    "receipt_report_voids",
    "receipt_report_x",
    "receipt_rounding",
    "receipt_slip_amount",
    "receipt_slip_authorisation",
    "receipt_slip_bin",
    "receipt_slip_card",
    "receipt_slip_card_product",
    "receipt_slip_date",
    "receipt_slip_method",
    "receipt_slip_method_card",
    "receipt_slip_method_qr",
    "receipt_slip_order",
    "receipt_slip_response",
    "receipt_slip_rrn",
    "receipt_slip_status",
    "receipt_slip_terminal",
    "receipt_slip_title",
    "receipt_subtotal",
    "receipt_thanks",
    "receipt_till",
    "receipt_total",
    "receipt_training",
    "receipt_trial",
    "receipt_unit_kg",
    "receipt_vat_added",
    "receipt_vat_added_of",
    "receipt_vat_included",
    "receipt_vat_included_of",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::LANGUAGES;

    #[test]
    fn every_language_has_every_word_of_the_receipt() {
        for language in LANGUAGES {
            let catalogue = Catalogue::of(language);
            for key in KEYS.into_iter().chain(["receipt_unit_l", "receipt_unit_m"]) {
                assert!(matches!(catalogue.words.get(key), Some(Value::String(_))), "{language} lacks {key}");
            }
        }
    }
}
