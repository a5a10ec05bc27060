//! A fact of the journal, read: which it is, and what it says. What it does not say is left out.

use super::Decision;
use super::journal::{FactCode, FactName, FactPart, LeftWhy, SignedBy};
use super::people::{percent, right_code, role_code};
use super::text::{GROUP, grouped};
use checkout::money::{Currency, Money};
use checkout::people::{Right, Role};
use checkout::quantity::{Quantity, Unit};
use serde_json::Value;
use till::{Entry, Known};

pub(super) struct Fact<'a> {
    pub entry: &'a Entry,
    pub people: &'a [Known],
    pub currency: Currency,
}

impl Fact<'_> {
    pub fn code(&self) -> FactCode {
        let event = self.text("/event").unwrap_or_default();
        if self.entry.kind == "attempt" && self.text("/attempt_kind") == Some("refund") {
            return refund_code(event);
        }
        match (self.entry.kind.as_str(), event) {
            ("attempt", "intended") => FactCode::PaymentIntended,
            ("attempt", "accepted") => FactCode::PaymentAccepted,
            ("attempt", "not_started") => FactCode::PaymentNotStarted,
            ("attempt", "doubt") => FactCode::PaymentDoubt,
            ("attempt", "approved") => FactCode::PaymentApproved,
            ("attempt", "declined") => FactCode::PaymentDeclined,
            ("attempt", "cancelled") => FactCode::PaymentCancelled,
            ("attempt", "resolved") => FactCode::PaymentResolved,
            ("wrong_amount", _) => FactCode::WrongAmount,
            ("return_one_of_them", _) => FactCode::ReturnOneOfThem,
            ("decision_contradicted", _) => FactCode::DecisionContradicted,
            ("sale_closed", _) => FactCode::SaleClosed,
            ("sale_voided", _) => FactCode::SaleVoided,
            ("refund_opened", _) => FactCode::RefundOpened,
            ("refund_in_cash", _) => FactCode::RefundInCash,
            ("refund_closed", _) => FactCode::RefundClosed,
            ("refund_voided", _) => FactCode::RefundVoided,
            ("line_removed", _) => FactCode::LineRemoved,
            ("line_restored", _) => FactCode::LineRestored,
            ("cash_taken", _) => FactCode::CashTaken,
            ("cash_returned", _) => FactCode::CashReturned,
            ("lift_given", _) => FactCode::LiftGiven,
            ("lifted", _) => FactCode::Lifted,
            ("signed_in", _) => FactCode::SignedIn,
            ("signed_out", _) => FactCode::SignedOut,
            ("wrong_tries", _) => FactCode::WrongTries,
            ("pin_key_replaced", _) => FactCode::PinKeyReplaced,
            ("person_added", _) => FactCode::PersonAdded,
            ("person_changed", _) => FactCode::PersonChanged,
            ("person_removed", _) => FactCode::PersonRemoved,
            ("pin_changed", _) => FactCode::PinChanged,
            ("badge_changed", _) => FactCode::BadgeChanged,
            ("setting_changed", _) => FactCode::SettingChanged,
            ("goods_imported", _) => FactCode::GoodsImported,
            ("goods_import_undone", _) => FactCode::GoodsImportUndone,
            ("terminal_tested", _) => FactCode::TerminalTested,
            ("terminal_tried", _) => FactCode::TerminalTried,
            ("terminal_forgotten", _) => FactCode::TerminalForgotten,
            _ => FactCode::Other,
        }
    }

    pub fn parts(&self, code: FactCode) -> Vec<FactPart> {
        use FactName as Name;
        let parts = match code {
            FactCode::PaymentIntended | FactCode::PaymentAccepted | FactCode::RefundIntended | FactCode::RefundAccepted => {
                vec![self.money(Name::Amount, "/amount_minor")]
            }
            FactCode::PaymentNotStarted
            | FactCode::PaymentDoubt
            | FactCode::PaymentDeclined
            | FactCode::PaymentCancelled
            | FactCode::RefundNotStarted
            | FactCode::RefundDoubt
            | FactCode::RefundDeclined
            | FactCode::RefundCancelled => {
                vec![self.money(Name::Amount, "/amount_minor"), self.said(Name::Message, "/message")]
            }
            FactCode::PaymentApproved | FactCode::RefundApproved => vec![
                self.money(Name::Amount, "/answered_minor"),
                self.said(Name::Reference, "/references/order_number").or_else(|| self.said(Name::Reference, "/references/rrn")),
            ],
            FactCode::PaymentResolved => vec![
                self.money(Name::Amount, "/amount_minor"),
                self.decision(),
                self.said(Name::By, "/by"),
                self.said(Name::Reason, "/why"),
                self.said(Name::Reference, "/reference"),
                self.said(Name::Evidence, "/evidence"),
            ],
            FactCode::WrongAmount | FactCode::ReturnOneOfThem | FactCode::DecisionContradicted => {
                vec![self.money(Name::Amount, "/asked_minor"), self.money(Name::Answered, "/answered_minor")]
            }
            FactCode::SaleClosed => {
                vec![self.number(Name::Receipt, "/number"), self.money(Name::Amount, "/total_minor"), self.discount()]
            }
            FactCode::RefundClosed => vec![self.number(Name::Receipt, "/number"), self.money(Name::Amount, "/total_minor")],
            FactCode::RefundOpened | FactCode::RefundVoided => vec![self.money(Name::Amount, "/total_minor")],
            FactCode::RefundInCash => vec![self.money(Name::Amount, "/amount_minor")],
            FactCode::SaleVoided => vec![
                self.number(Name::Ticket, "/ticket"),
                self.money(Name::Amount, "/total_minor"),
                self.money(Name::Returned, "/returned_minor"),
            ],
            FactCode::LineRemoved | FactCode::LineRestored => vec![
                self.number(Name::Ticket, "/ticket"),
                self.said(Name::Good, "/name"),
                self.quantity(),
                self.money(Name::Amount, "/amount_minor"),
            ],
            FactCode::CashTaken => vec![self.number(Name::Ticket, "/ticket"), self.money(Name::Amount, "/cash_minor")],
            FactCode::CashReturned => vec![self.number(Name::Ticket, "/ticket"), self.money(Name::Amount, "/returned_minor")],
            FactCode::LiftGiven | FactCode::Lifted => vec![
                self.right(),
                self.off(),
                self.money(Name::Amount, "/extent/amount_minor").or_else(|| self.money(Name::Amount, "/extent/off_minor")),
                self.said(Name::By, "/by/name"),
                self.said(Name::Reason, "/reason"),
            ],
            FactCode::SignedIn => vec![self.signed_by(), self.number(Name::Tries, "/wrong_tries")],
            FactCode::SignedOut => vec![self.left_why()],
            FactCode::WrongTries => vec![self.whose(), self.number(Name::Tries, "/tries")],
            FactCode::PersonAdded | FactCode::PersonRemoved => vec![self.said(Name::Name, "/name"), self.role("/role", false)],
            FactCode::PersonChanged => vec![
                self.said(Name::Name, "/name"),
                self.said(Name::NameBefore, "/name_before").filter(|_| self.text("/name") != self.text("/name_before")),
                self.role("/role", false),
                self.role("/role_before", true).filter(|_| self.text("/role") != self.text("/role_before")),
            ],
            FactCode::PinChanged => vec![self.said(Name::Name, "/name")],
            FactCode::BadgeChanged => vec![self.said(Name::Name, "/name"), self.badge()],
            FactCode::SettingChanged => vec![Some(part(Name::Setting, self.entry.subject.clone()))],
            FactCode::GoodsImported => vec![self.number(Name::Added, "/added"), self.number(Name::Updated, "/updated")],
            FactCode::PinKeyReplaced => vec![self.said(Name::Reason, "/reason")],
            FactCode::TerminalTested => vec![self.said(Name::Serial, "/serial")],
            FactCode::TerminalTried => vec![self.number(Name::Receipt, "/receipt"), self.number(Name::Refund, "/refund")],
            FactCode::GoodsImportUndone | FactCode::TerminalForgotten => Vec::new(),
            FactCode::Other => vec![Some(part(Name::Kind, self.entry.kind.clone()))],
        };
        parts.into_iter().flatten().collect()
    }

    fn text(&self, place: &str) -> Option<&str> {
        self.entry.body.pointer(place).and_then(Value::as_str)
    }

    fn figure(&self, place: &str) -> Option<i64> {
        self.entry.body.pointer(place).and_then(Value::as_i64)
    }

    fn said(&self, name: FactName, place: &str) -> Option<FactPart> {
        self.text(place).map(str::trim).filter(|said| !said.is_empty()).map(|said| part(name, said.to_owned()))
    }

    /// A count; nothing is said of none.
    fn number(&self, name: FactName, place: &str) -> Option<FactPart> {
        self.figure(place).filter(|count| *count != 0).map(|count| part(name, grouped(count)))
    }

    fn money(&self, name: FactName, place: &str) -> Option<FactPart> {
        self.amount(name, self.figure(place)?)
    }

    fn amount(&self, name: FactName, minor: i64) -> Option<FactPart> {
        let money = Money::new(minor, self.currency).ok().filter(|money| !money.is_zero())?;
        Some(part(name, format!("{}\u{a0}{}", money.figures(GROUP), self.currency.facts().symbol)))
    }

    /// How much of a line was taken off or put back.
    fn quantity(&self) -> Option<FactPart> {
        let quantity = Quantity::from_milli(self.figure("/quantity_milli")?, Unit::Kilogram).ok()?;
        Some(part(FactName::Quantity, quantity.to_string()))
    }

    /// What the discounts of the cart and of its lines take off together.
    fn discount(&self) -> Option<FactPart> {
        let lines = self.entry.body.pointer("/lines").and_then(Value::as_array).into_iter().flatten();
        let off = lines
            .filter_map(|line| line.pointer("/discount_minor")?.as_i64())
            .try_fold(self.figure("/discount_minor")?, i64::checked_add)?;
        self.amount(FactName::Discount, off)
    }

    fn decision(&self) -> Option<FactPart> {
        let decision = match checkout::payment::Decision::from_code(self.text("/decision")?)? {
            checkout::payment::Decision::Approved => Decision::Approved,
            checkout::payment::Decision::Declined => Decision::Declined,
            checkout::payment::Decision::Returned => Decision::Returned,
        };
        Some(FactPart::Decision { decision })
    }

    fn right(&self) -> Option<FactPart> {
        let code = self.text("/right")?;
        Right::ALL.into_iter().find(|right| right.code() == code).map(|right| FactPart::Right { right: right_code(right) })
    }

    fn off(&self) -> Option<FactPart> {
        self.figure("/extent/off_bp").map(|hundredths| part(FactName::Off, percent(hundredths)))
    }

    fn role(&self, place: &str, before: bool) -> Option<FactPart> {
        let role = role_code(Role::from_code(self.text(place)?)?);
        Some(if before { FactPart::RoleBefore { role } } else { FactPart::Role { role } })
    }

    fn signed_by(&self) -> Option<FactPart> {
        let by = match self.text("/by")? {
            "pin" => SignedBy::Pin,
            "badge" => SignedBy::Badge,
            "first" => SignedBy::First,
            _ => return None,
        };
        Some(FactPart::SignedBy { by })
    }

    fn left_why(&self) -> Option<FactPart> {
        let why = match self.text("/why")? {
            "locked" => LeftWhy::Locked,
            "idle" => LeftWhy::Idle,
            "switched" => LeftWhy::Switched,
            "closed" => LeftWhy::Closed,
            _ => return None,
        };
        Some(FactPart::LeftWhy { why })
    }

    fn badge(&self) -> Option<FactPart> {
        self.entry.body.pointer("/badge").and_then(Value::as_bool).map(|given| FactPart::Badge { given })
    }

    /// Whose PIN was tried. Badges that nobody has are nobody's.
    fn whose(&self) -> Option<FactPart> {
        let known = self.people.iter().find(|known| known.id.to_string() == self.entry.subject);
        known.map(|known| part(FactName::Name, known.name.clone()))
    }
}

/// What happened to an attempt to give money back.
fn refund_code(event: &str) -> FactCode {
    match event {
        "intended" => FactCode::RefundIntended,
        "accepted" => FactCode::RefundAccepted,
        "not_started" => FactCode::RefundNotStarted,
        "doubt" => FactCode::RefundDoubt,
        "approved" => FactCode::RefundApproved,
        "declined" => FactCode::RefundDeclined,
        "cancelled" => FactCode::RefundCancelled,
        "resolved" => FactCode::PaymentResolved,
        _ => FactCode::Other,
    }
}

fn part(name: FactName, value: String) -> FactPart {
    FactPart::Text { name, value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The kinds of facts a file writes: the first text after the call that writes one.
    fn kinds(text: &str) -> Vec<String> {
        let mut kinds = Vec::new();
        for call in ["append(", ".note(", " alarm(", "tell_of_lines("] {
            let mut before = "";
            for after in text.split(call) {
                let arguments = after.split_once(';').map_or(after, |(arguments, _)| arguments);
                let is_call = !before.is_empty() && !before.trim_end().ends_with("fn");
                before = after;
                let kind = arguments.split('"').nth(1).filter(|_| is_call && !arguments.starts_with('\n'));
                kinds.extend(kind.map(str::to_owned));
            }
        }
        kinds
    }

    #[test]
    fn every_kind_of_fact_that_is_written_has_words() {
        let mut seen = 0;
        for folder in ["database/src", "till/src", "till/src/kaspi"] {
            for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
                let path = file.unwrap().path();
                if !path.is_file() {
                    continue;
                }
                for kind in kinds(&std::fs::read_to_string(&path).unwrap()) {
                    let event = if kind == "attempt" { "intended" } else { "" };
                    assert_ne!(code_of(&kind, event), FactCode::Other, "{kind} in {}", path.display());
                    seen += 1;
                }
            }
        }
        assert!(seen >= 20, "the calls that write facts are found: {seen}");
    }

    #[test]
    fn every_event_of_a_payment_has_words() {
        for event in ["intended", "accepted", "not_started", "doubt", "approved", "declined", "cancelled", "resolved"] {
            assert_ne!(code_of("attempt", event), FactCode::Other, "{event}");
            assert_ne!(refund_code(event), FactCode::Other, "{event}");
        }
    }

    fn code_of(kind: &str, event: &str) -> FactCode {
        let entry = Entry {
            seq: 1,
            at: String::new(),
            kind: kind.to_owned(),
            subject: String::new(),
            body: serde_json::json!({ "event": event }),
            who: None,
            hash: Vec::new(),
        };
        Fact { entry: &entry, people: &[], currency: Currency::Kzt }.code()
    }
}
