//! The open cart: scanning, quantities, removals. Each change is kept in the draft.

use crate::showing::Showing;
use crate::{Found, State, Till, TillError, goods};
use checkout::money::Money;
use checkout::payment::SaleId;
use checkout::quantity::{Quantity, Unit};
use checkout::sale::{Sale, SaleError};
use checkout::tender::TenderKind;
use database::catalogue::Imported;

impl Till {
    /// Adds the good with exactly this barcode or code. On the closed screen it opens the next sale.
    pub async fn scan(&self, code: &str) -> Result<(), TillError> {
        let mut state = self.state().await;
        let language = state.language.clone();
        let found = self.ledger.good_by_code(code.trim(), self.settings.currency, &language).await?;
        let found = found.ok_or_else(|| TillError::UnknownCode(code.trim().to_owned()))?;
        self.put_in(&mut state, found, Quantity::ONE).await
    }

    /// Adds a chosen good.
    pub async fn add(&self, item: i64, quantity: Quantity) -> Result<(), TillError> {
        let mut state = self.state().await;
        let language = state.language.clone();
        let found = self.ledger.good(item, self.settings.currency, &language).await?;
        let found = found.ok_or_else(|| TillError::NotFound(format!("good {item}")))?;
        self.put_in(&mut state, found, quantity).await
    }

    /// Adds a good by code with a typed quantity: `CODE` with `2` or `0.746`.
    pub async fn add_by_code(&self, code: &str, quantity: Option<&str>) -> Result<(), TillError> {
        let mut state = self.state().await;
        let language = state.language.clone();
        let found = self.ledger.good_by_code(code, self.settings.currency, &language).await?;
        let found = found.ok_or_else(|| TillError::UnknownCode(code.to_owned()))?;
        let quantity = match quantity {
            Some(text) => Quantity::parse(text, found.good.unit)?,
            None => Quantity::ONE,
        };
        self.put_in(&mut state, found, quantity).await
    }

    async fn put_in(&self, state: &mut State, found: Found, quantity: Quantity) -> Result<(), TillError> {
        self.ready_for_goods(state).await?;
        state.sale.add(found.good, quantity)?;
        self.keep(state).await
    }

    /// Goods go into an unlocked cart: from the closed screen into the next sale, never into a sale being paid.
    pub(crate) async fn ready_for_goods(&self, state: &mut State) -> Result<(), TillError> {
        match state.showing {
            Showing::Sale => Ok(()),
            Showing::Done { .. } => self.next_sale(state).await,
            Showing::Attempt { .. } => {
                self.unlocked(state).await?;
                state.showing = Showing::Sale;
                Ok(())
            }
        }
    }

    /// Refuses while an attempt of this sale is open.
    async fn unlocked(&self, state: &State) -> Result<(), TillError> {
        if self.attempts_of(&state.sale).await?.iter().any(|attempt| attempt.state.is_open()) {
            return Err(SaleError::Locked.into());
        }
        Ok(())
    }

    pub async fn set_quantity(&self, line: u32, text: &str) -> Result<(), TillError> {
        let mut state = self.state().await;
        self.ready_for_goods(&mut state).await?;
        let unit = state.sale.lines.iter().find(|candidate| candidate.id == line).map(|line| line.good.unit);
        let quantity = Quantity::parse(text, unit.unwrap_or(Unit::Piece))?;
        state.sale.set_quantity(line, quantity)?;
        self.keep(&state).await
    }

    pub async fn remove(&self, line: u32) -> Result<(), TillError> {
        let mut state = self.state().await;
        self.ready_for_goods(&mut state).await?;
        state.sale.remove(line)?;
        self.keep(&state).await
    }

    /// Puts back the line removed last.
    pub async fn put_back(&self) -> Result<(), TillError> {
        let mut state = self.state().await;
        self.ready_for_goods(&mut state).await?;
        state.sale.put_back()?;
        self.keep(&state).await
    }

    /// Leaves the closed sale, or the notice about a payment that did not happen.
    pub async fn dismiss(&self) -> Result<(), TillError> {
        let mut state = self.state().await;
        match state.showing {
            Showing::Sale => {}
            Showing::Done { .. } => self.next_sale(&mut state).await?,
            Showing::Attempt { .. } => {
                self.unlocked(&state).await?;
                state.showing = Showing::Sale;
            }
        }
        self.changed();
        Ok(())
    }

    /// Opens the next sale: a parked one whose payment was refused meanwhile, else an empty cart.
    pub(crate) async fn next_sale(&self, state: &mut State) -> Result<(), TillError> {
        if let Some(waiting) = self.refused_while_parked(state).await? {
            let attempts = self.ledger.attempts_of(waiting.id).await?;
            state.showing = match attempts.last() {
                Some(last) => Showing::Attempt { attempt: last.attempt.id },
                None => Showing::Sale,
            };
            state.sale = waiting;
        } else {
            state.sale = self.empty_sale(state.sale.ticket).await?;
            state.showing = Showing::Sale;
        }
        self.keep(state).await
    }

    /// A sale with goods that is in nobody's hand and waits for no device: its customer still has to pay.
    async fn refused_while_parked(&self, state: &State) -> Result<Option<Sale>, TillError> {
        for stored in self.ledger.open_sales().await? {
            let another = stored.sale.id != state.sale.id && !stored.sale.lines.is_empty();
            if another && !self.attempts_of(&stored.sale).await?.iter().any(|attempt| attempt.state.is_open()) {
                return Ok(Some(stored.sale));
            }
        }
        Ok(None)
    }

    async fn empty_sale(&self, last_ticket: i64) -> Result<Sale, TillError> {
        let ticket = self.ledger.last_ticket().await?.max(last_ticket) + 1;
        Ok(Sale::new(SaleId(self.clock.new_id()), ticket, self.settings.terms))
    }

    /// Keeps the cart in the draft and tells the screen.
    pub(crate) async fn keep(&self, state: &State) -> Result<(), TillError> {
        if let Some(draft) = &self.draft {
            draft.save(&state.sale).await?;
        }
        self.changed();
        Ok(())
    }

    /// Gives up the sale in hand; cash taken in part goes back. Refused where a device has taken money or may have.
    pub async fn void(&self) -> Result<(), TillError> {
        let mut state = self.state().await;
        self.unlocked(&state).await?;
        self.ledger.void_sale(state.sale.id, &self.clock.wall()).await?;
        state.sale = self.empty_sale(state.sale.ticket).await?;
        state.showing = Showing::Sale;
        self.keep(&state).await
    }

    /// Starts a sale under a caller's id, for `kassactl sell`.
    pub async fn start_sale(&self, sale: SaleId) -> Result<(), TillError> {
        let mut state = self.state().await;
        let ticket = self.ledger.last_ticket().await?.max(state.sale.ticket - 1) + 1;
        state.sale = Sale::new(sale, ticket, self.settings.terms);
        state.showing = Showing::Sale;
        self.keep(&state).await
    }

    pub async fn search(&self, text: &str) -> Result<Vec<Found>, TillError> {
        let language = self.state().await.language.clone();
        Ok(self.ledger.search(text, self.settings.currency, &language).await?)
    }

    pub async fn favourites(&self) -> Result<Vec<Found>, TillError> {
        let language = self.state().await.language.clone();
        Ok(self.ledger.favourites(self.settings.currency, &language).await?)
    }

    /// What a typed amount would do as cash: the amount and what is due in cash.
    pub async fn cash_preview(&self, typed: &str) -> Result<(Money, Money), TillError> {
        let state = self.state().await;
        let received = Money::parse_major(typed, self.settings.currency)?;
        Ok((received, state.sale.due_by(TenderKind::Cash)?))
    }

    pub async fn set_language(&self, language: &str) -> Result<(), TillError> {
        if !crate::settings::LANGUAGES.contains(&language) {
            return Err(TillError::NotFound(format!("language “{language}”")));
        }
        let mut state = self.state().await;
        self.ledger.set_setting("language", language, &self.clock.wall()).await?;
        state.language = language.to_owned();
        self.changed();
        Ok(())
    }

    /// Reads a goods file and takes it whole, or not at all. `dry_run` only reads.
    pub async fn import(&self, bytes: &[u8], dry_run: bool) -> Result<Imported, TillError> {
        let items = goods::read(bytes, self.settings.currency, self.settings.default_vat)?;
        if dry_run {
            return Ok(Imported { added: items.len() as i64, updated: 0 });
        }
        let imported = self.ledger.import(&items, &self.clock.wall()).await?;
        self.changed();
        Ok(imported)
    }
}
