//! Sales put aside: the customer went for the wallet, the next one is served. They lie in the draft until a person
//! takes them back; goods of two customers never mix.

use crate::settings::Settings;
use crate::showing::Showing;
use crate::{Held, State, Till, TillError};
use checkout::money::Money;
use checkout::payment::{Attempt, SaleId};
use checkout::sale::{Sale, SaleError};
use database::Ledger;
use database::draft::Draft;
use serde_json::json;

impl Till {
    /// Puts the sale in hand aside and opens the next. Refused while a payment of it is open or a part is paid.
    pub async fn hold(&self) -> Result<(), TillError> {
        let mut state = self.state().await;
        self.ready_for_goods(&mut state).await?;
        if state.sale.lines.is_empty() {
            return Err(SaleError::Empty.into());
        }
        let next = self.empty_sale(&state).await?;
        self.change_hands(&mut state, None, next).await
    }

    /// Takes a sale put aside in hand again. Goods in the cart are put aside in their turn.
    pub async fn recall(&self, sale: SaleId) -> Result<(), TillError> {
        let mut state = self.state().await;
        let held = state.held.iter().find(|held| held.sale.id == sale).cloned();
        let held = held.ok_or_else(|| TillError::NotFound(format!("sale put aside {sale}")))?;
        self.ready_for_goods(&mut state).await?;
        self.change_hands(&mut state, Some(sale), held.sale).await
    }

    /// Gives up a sale put aside, or one that waits in the strip because its payment came to nothing. Cash taken in part goes back.
    pub async fn discard(&self, sale: SaleId) -> Result<(), TillError> {
        let mut state = self.state().await;
        let Some(held) = state.held.iter().find(|held| held.sale.id == sale) else {
            return self.discard_unpaid(&state, sale).await;
        };
        self.nothing_in_doubt(&held.sale).await?;
        self.ledger.void_sale(&held.sale, &self.act()).await?;
        self.draft()?.swap(None, Some(sale), &state.sale).await?;
        state.held.retain(|held| held.sale.id != sale);
        self.changed();
        Ok(())
    }

    /// What one of two states of a sale has more than the other, told line by line: a sale that was rung up and emptied would
    /// be given up without a word.
    pub(crate) async fn tell_of_lines(&self, kind: &str, more: &Sale, less: &Sale) -> Result<(), TillError> {
        for line in &more.lines {
            let left = less.lines.iter().find(|left| left.id == line.id);
            let left_milli = left.map_or(0, |left| left.quantity.milli());
            if left_milli >= line.quantity.milli() {
                continue;
            }
            let left_minor = left.map(|left| left.amount(&less.terms)).transpose()?.map_or(0, Money::minor);
            let body = json!({
                "ticket": more.ticket, "code": line.good.code, "name": line.good.name, "quantity_milli": line.quantity.milli() - left_milli,
                "left_milli": left_milli, "amount_minor": line.amount(&more.terms)?.minor() - left_minor,
            });
            self.ledger.note(kind, &more.id.to_string(), body, &self.act()).await?;
        }
        Ok(())
    }

    async fn discard_unpaid(&self, state: &State, sale: SaleId) -> Result<(), TillError> {
        let stored = self.ledger.sale(sale).await?.filter(|stored| stored.closed.is_none() && !stored.void && sale != state.sale.id);
        let unpaid = stored.ok_or_else(|| TillError::NotFound(format!("sale put aside {sale}")))?.sale;
        self.nothing_in_doubt(&unpaid).await?;
        self.ledger.void_sale(&unpaid, &self.act()).await?;
        self.changed();
        Ok(())
    }

    /// No device holds money of a sale, or may.
    pub(crate) async fn nothing_in_doubt(&self, sale: &Sale) -> Result<(), TillError> {
        match self.attempts_of(sale).await?.iter().any(Attempt::is_unsettled) {
            true => Err(SaleError::InDoubt.into()),
            false => Ok(()),
        }
    }

    /// Takes `next` in hand and puts what was in hand aside, on the disk first.
    async fn change_hands(&self, state: &mut State, back: Option<SaleId>, next: Sale) -> Result<(), TillError> {
        if !state.sale.tenders.is_empty() {
            return Err(SaleError::Locked.into());
        }
        let at = database::stamp(&self.clock.wall());
        let mut aside = (!state.sale.lines.is_empty()).then(|| Held { sale: state.sale.clone(), at });
        if let Some(held) = &mut aside {
            held.sale.parked = true;
        }
        self.draft()?.swap(aside.as_ref(), back, &next).await?;
        state.held.retain(|held| Some(held.sale.id) != back);
        state.held.extend(aside);
        state.sale = next;
        state.showing = Showing::Sale;
        self.changed();
        Ok(())
    }

    /// The sales put aside as the last run left them. One that was given up just before a crash is gone; one that cash was
    /// taken for, and that a power cut took from the draft, is in the ledger and comes back from there.
    pub(crate) async fn held_before(
        draft: Option<&Draft>,
        ledger: &Ledger,
        settings: &Settings,
        in_hand: SaleId,
    ) -> Result<Vec<Held>, TillError> {
        let Some(draft) = draft else { return Ok(Vec::new()) };
        let mut kept = Vec::new();
        for held in draft.held().await? {
            let ended = ledger.sale(held.sale.id).await?.is_some_and(|stored| stored.void || stored.closed.is_some());
            if !ended && held.sale.currency() == settings.currency {
                kept.push(held);
            }
        }
        for open in ledger.open_sales().await? {
            let id = open.sale.id;
            let known = id == in_hand || kept.iter().any(|held| held.sale.id == id);
            // One that a device was asked for stands in the strip.
            if !known && !open.sale.tenders.is_empty() && ledger.attempts_of(id).await?.is_empty() {
                kept.push(Held { sale: open.sale, at: open.opened_at });
            }
        }
        Ok(kept)
    }

    fn draft(&self) -> Result<&Draft, TillError> {
        self.draft.as_ref().ok_or_else(|| TillError::NotFound("draft; this till keeps none".to_owned()))
    }
}
