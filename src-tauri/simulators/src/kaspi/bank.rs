//! The bank behind the terminal: reference numbers and what may be refunded.

use std::collections::BTreeMap;

use super::customer::Method;

/// The numbers the bank gives to an approved transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Receipt {
    pub(super) method: Method,
    /// `transactionId`: the order number of a QR, the rrn of a card.
    pub(super) reference: String,
    pub(super) authorization_code: String,
    pub(super) pin_entered: bool,
    /// On the terminal's clock.
    pub(super) at_ms: i64,
}

#[derive(Debug, Clone)]
struct Purchase {
    method: Method,
    paid_tenge: i64,
    /// Refunded, or on its way back.
    taken_tenge: i64,
}

#[derive(Debug, Clone)]
pub(super) struct Bank {
    next_order: u64,
    next_rrn: u64,
    next_authorization: u32,
    purchases: BTreeMap<String, Purchase>,
}

impl Bank {
    /// Numbers begin with those of the vendor's examples.
    pub(super) fn new() -> Self {
        Self { next_order: 504_711_333, next_rrn: 307_208_187_011, next_authorization: 665_425, purchases: BTreeMap::new() }
    }

    pub(super) fn pay(&mut self, method: Method, amount_tenge: i64, pin: bool, at_ms: i64) -> Receipt {
        let reference = match method {
            Method::Card => take(&mut self.next_rrn),
            Method::Qr | Method::Alaqan => take(&mut self.next_order),
        };
        self.purchases.insert(reference.clone(), Purchase { method, paid_tenge: amount_tenge, taken_tenge: 0 });
        self.receipt(method, reference, pin, at_ms)
    }

    /// A card refund carries the rrn of its payment, a QR refund gets an order
    /// number of its own (§1.4).
    pub(super) fn refund(&mut self, method: Method, purchase: &str, pin: bool, at_ms: i64) -> Receipt {
        let reference = match method {
            Method::Card => purchase.to_owned(),
            Method::Qr | Method::Alaqan => take(&mut self.next_order),
        };
        self.receipt(method, reference, pin, at_ms)
    }

    /// Sets money aside for a refund, or says why it cannot be. The vendor
    /// names the rules (§4.2) but no texts for them: these are ours.
    pub(super) fn set_aside(&mut self, purchase: &str, method: Method, amount_tenge: i64) -> Result<(), &'static str> {
        let Some(purchase) = self.purchases.get_mut(purchase) else {
            return Err("Қайтару мүмкін емес; Сатып алу табылмады");
        };
        if purchase.method != method {
            return Err("Қайтару мүмкін емес; Төлем басқа тәсілмен жасалған");
        }
        if amount_tenge > purchase.paid_tenge - purchase.taken_tenge {
            return Err("Қайтару мүмкін емес; Сома қолжетімді сомадан асады");
        }
        purchase.taken_tenge += amount_tenge;
        Ok(())
    }

    /// Gives back what a refund that came to nothing had set aside.
    pub(super) fn give_back(&mut self, purchase: &str, amount_tenge: i64) {
        if let Some(purchase) = self.purchases.get_mut(purchase) {
            purchase.taken_tenge -= amount_tenge;
        }
    }

    fn receipt(&mut self, method: Method, reference: String, pin: bool, at_ms: i64) -> Receipt {
        let authorization_code = self.next_authorization.to_string();
        self.next_authorization += 1;
        Receipt { method, reference, authorization_code, pin_entered: pin, at_ms }
    }
}

fn take(next: &mut u64) -> String {
    let number = next.to_string();
    *next += 1;
    number
}
