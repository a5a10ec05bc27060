//! Giving money back. The plan is committed first and counts from then on; then each part goes back the way it was paid,
//! by the same machine as a payment, and the drawer gives the rest.

use crate::payment::Question;
use crate::{Closed, StoredRefund, StoredSale, Till, TillError};
use checkout::payment::{Attempt, AttemptId, AttemptState, Decision, Event, Reason, Resolution};
use checkout::people::{Extent, Right};
use checkout::refund::{Portion, Refund, RefundError, RefundId, RefundTender, Wanted};
use std::sync::Arc;
use uuid::Uuid;

/// How what a device is to give back goes back.
pub enum Way {
    Device,
    /// Out of the drawer: [`Till::refund_in_cash`].
    Cash,
    /// It was given by hand on the device: [`Till::refunded_on_device`].
    OnDevice(Resolution),
}

impl Till {
    /// Gives a refund back part by part, and closes it. Answers how a device's part ended that was not given; none where all is given.
    pub async fn give_refund(self: &Arc<Self>, refund: RefundId, way: &Way) -> Result<Option<AttemptState>, TillError> {
        loop {
            let stored = self.ledger.refund(refund).await?.ok_or_else(|| TillError::NotFound(format!("refund {refund}")))?;
            if !stored.is_open() {
                return Ok(None);
            }
            let attempts = self.ledger.attempts_of(stored.refund.of).await?;
            if let Some(open) = attempts.iter().map(|stored| &stored.attempt).find(|one| one.refund == Some(refund) && one.is_unsettled()) {
                return Ok(Some(open.state));
            }
            if stored.refund.next().is_none_or(|next| next.kind.device().is_none()) {
                self.finish_refund(self.clock.new_id(), refund).await?;
                return Ok(None);
            }
            let attempt = match way {
                Way::Cash => {
                    self.refund_in_cash(refund).await?;
                    continue;
                }
                Way::OnDevice(resolution) => self.refunded_on_device(self.clock.new_id(), refund, resolution.clone()).await?,
                Way::Device => {
                    let attempt = self.refund_by_device(self.clock.new_id(), refund).await?;
                    self.settled(attempt, self.patience_ms()).await?.attempt
                }
            };
            if attempt.state != AttemptState::Approved {
                return Ok(Some(attempt.state));
            }
        }
    }

    /// What is left of a receipt to give back.
    pub async fn refundable(&self, number: i64) -> Result<(StoredSale, Portion), TillError> {
        let stored = self.sold(number).await?;
        let refunds = self.counted(&stored).await?;
        let left = Portion::left(&stored.sale, &refunds)?;
        Ok((stored, left))
    }

    /// Commits what goes back of a receipt. Nothing has been given yet.
    pub async fn open_refund(&self, command: Uuid, id: RefundId, number: i64, wanted: &Wanted) -> Result<RefundId, TillError> {
        let _nobody_else = self.state().await;
        if let Some(answer) = self.ledger.answered(command).await? {
            return self.of_a_refund(&answer).await.ok_or(TillError::CommandReused);
        }
        self.sound()?;
        let sold = self.sold(number).await?;
        let planned = Refund::plan(id, &sold.sale, &self.counted(&sold).await?, wanted)?;
        self.allow(Right::Refund, Extent::Amount(planned.portion.total), planned.of)?;
        let refund = self.ledger.open_refund(id, planned.of, wanted, &self.act(), command).await?;
        self.changed();
        Ok(refund.id)
    }

    /// Has a device give back the next part. Answers once the intent is committed; what follows is the attempt's story.
    pub async fn refund_by_device(self: &Arc<Self>, command: Uuid, refund: RefundId) -> Result<AttemptId, TillError> {
        let state = self.state().await;
        if let Some(answer) = self.ledger.answered(command).await? {
            return self.of_a_payment(&answer).await.ok_or(TillError::CommandReused);
        }
        self.sound()?;
        let stored = self.refund_of(refund).await?;
        let RefundTender { kind, amount, payment, .. } = stored.refund.next().ok_or(RefundError::NotNext)?.clone();
        let device = kind.device().ok_or(RefundError::NotNext)?;
        self.is_free(device).await?;
        let payment = self.ledger.attempt(payment.ok_or(RefundError::NotNext)?).await?.attempt;
        let attempt = self.next_attempt(&stored, device, amount).await?;
        let id = attempt.id;
        let intent = match self.ledger.intend_refund(attempt, &self.act(), command).await {
            Ok(intent) => intent,
            Err(error) => {
                self.not_begun(id).await;
                return Err(error.into());
            }
        };
        self.begin_watch(id);
        drop(state);
        self.changed();
        self.converse(id, device, Question::Refund(intent, Box::new(payment))).await;
        Ok(id)
    }

    /// What a device was to give back next is paid out of the drawer: the card is no longer there, or the device refuses.
    pub async fn refund_in_cash(&self, refund: RefundId) -> Result<(), TillError> {
        let _nobody_else = self.state().await;
        let stored = self.refund_of(refund).await?;
        let next = stored.refund.next().ok_or(RefundError::NotNext)?;
        self.allow(Right::Doubt, Extent::Amount(next.amount), stored.refund.of)?;
        self.ledger.refund_in_cash(refund, &self.act()).await?;
        self.changed();
        Ok(())
    }

    /// What a device was to give back next was given on the device itself; the till has asked nothing of it.
    pub async fn refunded_on_device(&self, command: Uuid, refund: RefundId, resolution: Resolution) -> Result<Attempt, TillError> {
        let _nobody_else = self.state().await;
        self.sound()?;
        let stored = self.refund_of(refund).await?;
        let RefundTender { kind, amount, .. } = stored.refund.next().ok_or(RefundError::NotNext)?.clone();
        let device = kind.device().ok_or(RefundError::NotNext)?;
        self.allow(Right::Doubt, Extent::Amount(amount), stored.refund.of)?;
        let resolution = self.in_the_name_of(Resolution { decision: Decision::Approved, ..resolution });
        let attempt = self.next_attempt(&stored, device, amount).await?;
        let id = attempt.id;
        // A decision the rules would refuse leaves nothing behind.
        let in_doubt = Attempt { state: AttemptState::Unknown, ..attempt.clone() };
        checkout::payment::apply(&in_doubt, &Event::Resolved { resolution: resolution.clone() }).map_err(database::DatabaseError::from)?;
        self.ledger.intend_refund(attempt, &self.act(), command).await?;
        self.ledger.record(id, &Event::Doubt { reason: Reason::ByHand, message: None }, &self.act()).await?;
        let recorded = self.ledger.record(id, &Event::Resolved { resolution }, &self.act()).await?;
        self.changed();
        Ok(recorded.attempt)
    }

    /// The drawer gives what is left to give, and the refund gets its number.
    pub async fn finish_refund(&self, command: Uuid, refund: RefundId) -> Result<Closed, TillError> {
        let _nobody_else = self.state().await;
        let stored = self.ledger.refund(refund).await?.ok_or_else(|| TillError::NotFound(format!("refund {refund}")))?;
        if let Some(closed) = stored.closed {
            return Ok(closed);
        }
        self.sound()?;
        let closed = self.ledger.close_refund(refund, &self.act(), command).await?;
        self.changed();
        Ok(closed)
    }

    /// Gives up a refund of which nothing has gone back.
    pub async fn give_up_refund(&self, refund: RefundId) -> Result<(), TillError> {
        let _nobody_else = self.state().await;
        self.ledger.void_refund(refund, &self.act()).await?;
        self.changed();
        Ok(())
    }

    /// Whether a refund is open and this was the last attempt to give its next part back.
    pub(crate) async fn waits_for(&self, refund: RefundId, attempt: AttemptId) -> Result<bool, TillError> {
        let stored = self.ledger.refund(refund).await?.filter(StoredRefund::is_open);
        Ok(stored.is_some_and(|stored| stored.refund.next().is_some_and(|next| next.attempt == Some(attempt))))
    }

    async fn next_attempt(
        &self,
        stored: &StoredRefund,
        device: checkout::payment::Device,
        amount: checkout::money::Money,
    ) -> Result<Attempt, TillError> {
        let sale = stored.refund.of;
        let ordinal = self.ledger.attempts_of(sale).await?.len() as u32 + 1;
        Ok(Attempt::intend_refund(AttemptId(self.clock.new_id()), sale, stored.refund.id, ordinal, device, amount))
    }

    async fn sold(&self, number: i64) -> Result<StoredSale, TillError> {
        self.ledger.sale_by_number(number).await?.ok_or_else(|| TillError::NotFound(format!("receipt {number} of a sale")))
    }

    async fn counted(&self, sale: &StoredSale) -> Result<Vec<Refund>, TillError> {
        let all = self.ledger.refunds_of(sale.sale.id).await?;
        Ok(all.into_iter().filter(|stored| !stored.void).map(|stored| stored.refund).collect())
    }

    /// A refund that is not over.
    async fn refund_of(&self, refund: RefundId) -> Result<StoredRefund, TillError> {
        let stored = self.ledger.refund(refund).await?.filter(StoredRefund::is_open);
        stored.ok_or_else(|| TillError::NotFound(format!("open refund {refund}")))
    }

    /// The refund that a command was answered with; none where it was another kind of command.
    async fn of_a_refund(&self, answer: &str) -> Option<RefundId> {
        let id = RefundId(Uuid::parse_str(answer).ok()?);
        self.ledger.refund(id).await.ok().flatten().map(|stored| stored.refund.id)
    }
}
