//! Customers who bring things back: the cashier gives a receipt back, whole or in part, the way it was paid, and finishes what a
//! killed till has left open.

use super::run::Storm;
use checkout::money::Money;
use checkout::payment::AttemptState;
use checkout::refund::{RefundId, Wanted};
use till::{StoredRefund, TillError};

impl Storm {
    /// Somebody brings back some of what one of the first receipts has sold.
    pub async fn take_something_back(&mut self) {
        let receipt = self.chance.between(1, 40);
        let Ok((sold, left)) = self.till.refundable(receipt).await else { return };
        if left.is_empty() {
            return;
        }
        let line = left.lines[self.chance.below(left.lines.len() as u64) as usize];
        let step = sold.sale.terms.line_step_minor;
        let half = Money::new((left.total.minor() / 2 / step).max(1) * step, sold.sale.currency()).unwrap();
        let wanted = match self.chance.between(1, 10) {
            1..=4 => Wanted::default(),
            5..=8 => Wanted { lines: vec![(line.line, None)], amount: None },
            _ => Wanted { lines: Vec::new(), amount: Some(half) },
        };
        let (command, id, life) = (self.command(), RefundId(self.command()), self.life());
        let opened = self.till.open_refund(command, id, receipt, &wanted).await;
        if opened.is_ok() {
            self.world.lock().unwrap().counts.add("refund opened");
        }
        self.acknowledge(life, command, "open refund", opened);
        self.settle().await;
        self.give_back(id).await;
    }

    /// What is open is brought as far as it comes.
    pub async fn finish_refunds(&mut self) {
        self.settle().await;
        let open = self.till.records().open_refunds().await.unwrap();
        for stored in open {
            self.give_back(stored.refund.id).await;
        }
    }

    async fn open_refund(&mut self, id: RefundId) -> Option<StoredRefund> {
        self.settle().await;
        self.till.records().refund(id).await.unwrap().filter(StoredRefund::is_open)
    }

    async fn give_back(&mut self, id: RefundId) {
        for _ in 0..12 {
            let Some(stored) = self.open_refund(id).await else { return };
            let Some(next) = stored.refund.next().cloned() else { return };
            let attempts = self.till.records().attempts_of(stored.refund.of).await.unwrap();
            let of_it = attempts.into_iter().filter(|known| known.attempt.refund == Some(id));
            let (unsettled, over): (Vec<_>, Vec<_>) = of_it.partition(|known| known.attempt.is_unsettled());
            if let Some(unsettled) = unsettled.first() {
                match self.chance.between(1, 4) {
                    1 if unsettled.attempt.state == AttemptState::Unknown => self.decide(unsettled).await,
                    // Whoever comes next finds it in the strip.
                    2 => return,
                    _ => self.wait(2_000, 60_000).await,
                }
                continue;
            }
            if next.kind.device().is_none() {
                let (command, life) = (self.command(), self.life());
                let closed = self.till.finish_refund(command, id).await;
                self.acknowledge(life, command, "finish refund", closed);
                continue;
            }
            let refused = over.iter().any(|known| known.attempt.state != AttemptState::Approved);
            match self.chance.between(1, 10) {
                1..=3 if refused => {
                    let given_up = self.till.give_up_refund(id).await;
                    self.done("give up refund", given_up);
                }
                4..=8 if refused => {
                    let in_cash = self.till.refund_in_cash(id).await;
                    self.done("refund in cash", in_cash);
                }
                _ => self.by_device(id).await,
            }
        }
    }

    async fn by_device(&mut self, id: RefundId) {
        let (command, life) = (self.command(), self.life());
        let begun = self.till.refund_by_device(command, id).await;
        let busy = matches!(begun, Err(TillError::DeviceBusy));
        let first = begun.as_ref().ok().copied();
        self.acknowledge(life, command, "refund", begun);
        if let (true, Some(first)) = (self.chance.percent(15), first) {
            self.settle().await;
            if self.life() == life {
                let again = self.till.refund_by_device(command, id).await;
                if again.as_ref().ok() != Some(&first) && self.life() == life {
                    self.wrong(format!("J14: the second press answered {again:?}, the first {first}"));
                }
            }
        }
        if busy {
            self.tend().await;
        }
        self.wait(1_000, 20_000).await;
    }
}
