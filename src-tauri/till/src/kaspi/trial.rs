//! The trial of a terminal: the smallest payment there is, and its refund. It is a sale like any other, written down before it is
//! asked for; the cart in hand is not touched.

use super::State;
use crate::cart::BY_PRICE;
use crate::payment::Question;
use crate::refund::Way;
use crate::words::Catalogue;
use crate::{Till, TillError};
use checkout::layout::Words;
use checkout::money::Money;
use checkout::payment::{Attempt, AttemptId, Device, SaleId};
use checkout::quantity::{Quantity, Unit};
use checkout::refund::{RefundId, Wanted};
use checkout::sale::Good;
use checkout::tender::TenderKind;
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// A setting of the ledger: the sale of the last trial.
const TRIAL: &str = "kaspi_trial";

/// How far the last trial has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trial {
    /// The terminal took nothing. `said` are its words for that, here and below; empty where it had none.
    NotPaid {
        said: String,
    },
    /// Nobody knows yet whether it was paid.
    PaymentOpen,
    /// By this receipt, and not given back; then `said` is of the refund.
    Paid {
        receipt: i64,
        said: String,
    },
    /// Nobody knows yet whether it went back.
    RefundOpen {
        receipt: i64,
    },
    Returned {
        receipt: i64,
        refund: i64,
    },
}

impl Till {
    /// The next step of the trial: the payment, or the refund of one that is paid. Waits until the terminal has answered.
    pub async fn try_kaspi(self: &Arc<Self>, command: Uuid) -> Result<State, TillError> {
        match self.trial().await? {
            // It is told when it is known; meanwhile it stands where every payment in doubt does.
            Some(Trial::PaymentOpen | Trial::RefundOpen { .. }) => return self.kaspi_state().await,
            Some(Trial::Paid { receipt, .. }) => self.give_trial_back(receipt).await?,
            Some(Trial::NotPaid { .. } | Trial::Returned { .. }) | None => self.pay_trial(command).await?,
        }
        let came_to = self.trial().await?;
        if let Some(Trial::Returned { receipt, refund }) = came_to {
            let body = json!({ "receipt": receipt, "refund": refund });
            self.ledger.note("terminal_tried", Device::Kaspi.code(), body, &self.act()).await?;
        }
        self.kaspi_state().await
    }

    /// How far the last trial has come; none where there was none.
    pub(super) async fn trial(&self) -> Result<Option<Trial>, TillError> {
        let Some(sale) = self.trial_sale().await? else { return Ok(None) };
        let Some(stored) = self.ledger.sale(sale).await? else { return Ok(None) };
        let attempts = self.attempts_of(&stored.sale).await?;
        let unsettled = attempts.iter().any(Attempt::is_unsettled);
        let said = attempts.last().and_then(|last| last.message.clone()).unwrap_or_default();
        let Some(closed) = stored.closed else {
            return Ok(Some(if unsettled { Trial::PaymentOpen } else { Trial::NotPaid { said } }));
        };
        let refunds = self.ledger.refunds_of(sale).await?;
        let refund = refunds.iter().find_map(|refund| refund.closed.as_ref());
        Ok(Some(match refund {
            Some(refund) => Trial::Returned { receipt: closed.number, refund: refund.number },
            None if unsettled => Trial::RefundOpen { receipt: closed.number },
            None => Trial::Paid { receipt: closed.number, said },
        }))
    }

    pub(crate) async fn is_trial(&self, sale: SaleId) -> Result<bool, TillError> {
        Ok(self.trial_sale().await? == Some(sale))
    }

    async fn trial_sale(&self) -> Result<Option<SaleId>, TillError> {
        let kept = self.ledger.setting(TRIAL).await?;
        Ok(kept.and_then(|kept| Uuid::parse_str(&kept).ok()).map(SaleId))
    }

    async fn pay_trial(self: &Arc<Self>, command: Uuid) -> Result<(), TillError> {
        self.clear_trial().await?;
        let state = self.state().await;
        if self.ledger.answered(command).await?.is_some() {
            return Ok(());
        }
        self.sound()?;
        self.is_free(Device::Kaspi).await?;
        let (settings, language) = (self.settings(), state.language.clone());
        let good = Good {
            item: BY_PRICE,
            code: String::new(),
            name: Catalogue::of(&language).word("receipt_trial").to_owned(),
            language,
            unit: Unit::Piece,
            price: Money::new(settings.currency.facts().line_step_minor, settings.currency)?,
            vat: settings.default_vat,
        };
        let mut sale = self.empty_sale(&state).await?;
        sale.add(good, Quantity::ONE)?;
        let amount = sale.ask_device(TenderKind::Kaspi, None, &[])?;
        let attempt = Attempt::intend(AttemptId(self.clock.new_id()), sale.id, 1, Device::Kaspi, amount);
        let id = attempt.id;
        self.ledger.set_setting(TRIAL, &sale.id.to_string(), &self.act()).await?;
        let intent = match self.ledger.intend(&sale, attempt, &self.act(), command).await {
            Ok(intent) => intent,
            Err(error) => {
                self.not_begun(id).await;
                return Err(error.into());
            }
        };
        self.begin_watch(id);
        drop(state);
        self.changed();
        self.converse(id, Device::Kaspi, Question::Pay(intent)).await;
        self.settled(id, self.patience_ms()).await?;
        self.clear_trial().await
    }

    /// A trial that was not paid leaves no sale that waits for its money.
    async fn clear_trial(&self) -> Result<(), TillError> {
        let (Some(sale), Some(Trial::NotPaid { .. })) = (self.trial_sale().await?, self.trial().await?) else { return Ok(()) };
        let state = self.state().await;
        // Who has opened it at the till decides about it there.
        if let Some(stored) = self.ledger.sale(sale).await?.filter(|stored| !stored.void && state.sale.id != sale) {
            self.ledger.void_sale(&stored.sale, &self.act()).await?;
            self.changed();
        }
        Ok(())
    }

    async fn give_trial_back(self: &Arc<Self>, receipt: i64) -> Result<(), TillError> {
        let sale = self.trial_sale().await?.ok_or_else(|| TillError::NotFound("trial".to_owned()))?;
        let open = self.ledger.refunds_of(sale).await?.iter().find(|refund| refund.is_open()).map(|refund| refund.refund.id);
        let refund = match open {
            Some(refund) => refund,
            None => self.open_refund(self.clock.new_id(), RefundId(self.clock.new_id()), receipt, &Wanted::default()).await?,
        };
        self.give_refund(refund, &Way::Device).await.map(drop)
    }
}
