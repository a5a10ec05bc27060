//! The open cart: scanning, quantities, removals. Each change is kept in the draft.

use crate::barcode::{self, BarcodeError, Scanned};
use crate::showing::Showing;
use crate::words::Catalogue;
use crate::{Found, State, Till, TillError};
use checkout::layout::Words;
use checkout::marking::{Marking, MarkingError};
use checkout::money::Money;
use checkout::payment::SaleId;
use checkout::quantity::{Quantity, Unit};
use checkout::sale::{Good, Line, Sale, SaleError};
use checkout::tender::TenderKind;
use checkout::terms::Terms;

/// The item of what the catalogue does not know; ids of goods begin at 1.
pub(crate) const BY_PRICE: i64 = 0;

impl Till {
    /// Adds what a scanned or typed code means: a good, one marked unit, or a good by the label of a scale. On the
    /// closed screen it opens the next sale. A customer card is recognised and refused: there is no programme yet.
    /// Answers the code as it was understood.
    pub async fn scan(&self, code: &str) -> Result<Scanned, TillError> {
        let scanned = barcode::read(code, &self.settings().own_codes)?;
        let mut state = self.state().await;
        let language = state.language.clone();
        match &scanned {
            Scanned::CustomerCard { code } => return Err(TillError::CustomerCard(code.clone())),
            Scanned::Plain { code } => {
                let found = self.plain(code, &language).await?;
                self.put_in(&mut state, found, Quantity::ONE).await?;
            }
            Scanned::Marked { gtin, serial, raw } => {
                let found = self.plain(gtin, &language).await?;
                self.put_in_marked(&mut state, found, Marking::new(gtin, serial, raw)).await?;
            }
            Scanned::Weighed { item, label, .. } | Scanned::Priced { item, label, .. } => {
                let Some(found) = self.known(&barcode::item_codes(item), &language).await? else {
                    // What looks like a label may be a good's own barcode.
                    let found = self.known(&barcode::spellings(label), &language).await?;
                    let found = found.ok_or_else(|| TillError::UnknownLabel(item.clone()))?;
                    self.put_in(&mut state, found, Quantity::ONE).await?;
                    return Ok(Scanned::Plain { code: label.clone() });
                };
                self.put_in_labelled(&mut state, found, &scanned).await?;
            }
        }
        Ok(scanned)
    }

    /// The good under the first of these codes that the catalogue knows.
    async fn known(&self, codes: &[String], language: &str) -> Result<Option<Found>, TillError> {
        for code in codes {
            if let Some(found) = self.ledger.good_by_code(code, self.settings().currency, language).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The good with a plain barcode or code. What no good has may have been misread: the check digit tells.
    async fn plain(&self, code: &str, language: &str) -> Result<Found, TillError> {
        if let Some(found) = self.known(&barcode::spellings(code), language).await? {
            return Ok(found);
        }
        let is_printed = (12..=14).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        if is_printed && !barcode::check_digit_holds(code) {
            return Err(BarcodeError::CheckDigit(code.to_owned()).into());
        }
        Err(TillError::UnknownCode(code.to_owned()))
    }

    /// A good with what its label says: the weight, or the amount to pay. A label is easily typed: of a good in pieces
    /// that costs something else, it is a price by hand.
    async fn put_in_labelled(&self, state: &mut State, mut found: Found, label: &Scanned) -> Result<(), TillError> {
        let quantity = match label {
            Scanned::Weighed { grams, .. } => Quantity::from_milli(*grams, found.good.unit)?,
            Scanned::Priced { steps, .. } => {
                let step = self.settings().currency.facts().line_step_minor;
                let amount = Money::new(steps * step, self.settings().currency)?;
                match quantity_for(&found.good, amount, &self.settings().terms) {
                    Some(quantity) => quantity,
                    None if found.good.unit == Unit::Piece && found.good.price.is_positive() => {
                        return self.put_in_at(state, found, amount).await;
                    }
                    None => {
                        (found.good.unit, found.good.price) = (Unit::Piece, amount);
                        Quantity::ONE
                    }
                }
            }
            Scanned::CustomerCard { .. } | Scanned::Marked { .. } | Scanned::Plain { .. } => Quantity::ONE,
        };
        self.put_in(state, found, quantity).await
    }

    /// Adds a chosen good.
    pub async fn add(&self, item: i64, quantity: Quantity) -> Result<(), TillError> {
        let mut state = self.state().await;
        let language = state.language.clone();
        let found = self.ledger.good(item, self.settings().currency, &language).await?;
        let found = found.ok_or_else(|| TillError::NotFound(format!("good {item}")))?;
        self.put_in(&mut state, found, quantity).await
    }

    /// Adds a good by code with a typed quantity: `CODE` with `2` or `0.746`.
    pub async fn add_by_code(&self, code: &str, quantity: Option<&str>) -> Result<(), TillError> {
        let mut state = self.state().await;
        let language = state.language.clone();
        let found = self.ledger.good_by_code(code, self.settings().currency, &language).await?;
        let found = found.ok_or_else(|| TillError::UnknownCode(code.to_owned()))?;
        let quantity = match quantity {
            Some(text) => Quantity::parse(text, found.good.unit)?,
            None => Quantity::ONE,
        };
        self.put_in(&mut state, found, quantity).await
    }

    /// Sells something the catalogue does not know, at a typed price in major units. `code` is what was scanned of it; a
    /// barcode is kept with the line. Where
    /// the catalogue knows it, that is a price by hand of a good.
    pub async fn sell_by_price(&self, typed: &str, code: Option<&str>) -> Result<(), TillError> {
        let price = Money::parse_major(typed, self.settings().currency)?;
        if !price.is_positive() {
            return Err(SaleError::NotPositive.into());
        }
        let mut state = self.state().await;
        if let Some(code) = code
            && let Some(found) = self.known(&self.codes_of(code), &state.language).await?
        {
            return self.put_in_at(&mut state, found, price).await;
        }
        let good = Good {
            item: BY_PRICE,
            // What is no barcode may be a badge, and no badge is written down.
            code: code.and_then(|code| self.codes_of(code).into_iter().find(|code| barcode::is_of_goods(code))).unwrap_or_default(),
            name: Catalogue::of(&state.language).word("receipt_by_price").to_owned(),
            language: state.language.clone(),
            unit: Unit::Piece,
            price,
            vat: self.settings().default_vat,
        };
        self.ready_for_goods(&mut state).await?;
        state.sale.add(good, Quantity::ONE)?;
        self.keep(&state).await
    }

    /// The codes that a good may have where this was scanned of it.
    fn codes_of(&self, code: &str) -> Vec<String> {
        match barcode::read(code, &self.settings().own_codes) {
            Ok(Scanned::Marked { gtin, .. }) => barcode::spellings(&gtin),
            Ok(Scanned::Weighed { item, label, .. } | Scanned::Priced { item, label, .. }) => {
                barcode::item_codes(&item).into_iter().chain(barcode::spellings(&label)).collect()
            }
            Ok(Scanned::Plain { code } | Scanned::CustomerCard { code }) => barcode::spellings(&code),
            Err(_) => barcode::spellings(code),
        }
    }

    /// A marked good does not go in so: each unit has its own code.
    pub(crate) async fn put_in(&self, state: &mut State, found: Found, quantity: Quantity) -> Result<(), TillError> {
        if found.marked {
            return Err(SaleError::from(MarkingError::CodeNeeded(found.good.name)).into());
        }
        self.ready_for_goods(state).await?;
        state.sale.add(found.good, quantity)?;
        self.keep(state).await
    }

    async fn put_in_marked(&self, state: &mut State, found: Found, marking: Marking) -> Result<(), TillError> {
        self.ready_for_goods(state).await?;
        self.ledger.check_unsold(&marking.unit, state.sale.id).await?;
        state.sale.add_marked(found.good, marking)?;
        self.keep(state).await
    }

    /// Goods go into an unlocked cart: from the closed screen into the next sale, never into a sale being paid.
    pub(crate) async fn ready_for_goods(&self, state: &mut State) -> Result<(), TillError> {
        match state.showing {
            Showing::Sale => Ok(()),
            Showing::Done { .. } => self.next_sale(state).await,
            Showing::Attempt { .. } => self.leave_attempt(state).await,
        }
    }

    /// From a payment that has ended back to its sale; where that is closed, to the next.
    pub(crate) async fn leave_attempt(&self, state: &mut State) -> Result<(), TillError> {
        self.unlocked(state).await?;
        let stored = self.ledger.sale(state.sale.id).await?;
        if stored.is_some_and(|stored| stored.closed.is_some() || stored.void) {
            return self.next_sale(state).await;
        }
        state.showing = Showing::Sale;
        Ok(())
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
        let mut changed = state.sale.clone();
        changed.set_quantity(line, quantity)?;
        self.tell_of_lines("line_removed", &state.sale, &changed).await?;
        state.sale = changed;
        self.keep(&state).await
    }

    pub async fn remove(&self, line: u32) -> Result<(), TillError> {
        let mut state = self.state().await;
        self.ready_for_goods(&mut state).await?;
        let mut changed = state.sale.clone();
        changed.remove(line)?;
        self.tell_of_lines("line_removed", &state.sale, &changed).await?;
        state.sale = changed;
        self.keep(&state).await
    }

    /// Puts back the line removed last.
    pub async fn put_back(&self) -> Result<(), TillError> {
        let mut state = self.state().await;
        self.ready_for_goods(&mut state).await?;
        let mut changed = state.sale.clone();
        changed.put_back()?;
        self.tell_of_lines("line_restored", &changed, &state.sale).await?;
        state.sale = changed;
        self.keep(&state).await
    }

    /// Leaves the closed sale, or the notice about a payment that did not happen.
    pub async fn dismiss(&self) -> Result<(), TillError> {
        let mut state = self.state().await;
        match state.showing {
            Showing::Sale => {}
            Showing::Done { .. } => self.next_sale(&mut state).await?,
            Showing::Attempt { .. } => self.leave_attempt(&mut state).await?,
        }
        self.changed();
        Ok(())
    }

    /// Opens the next sale with an empty cart. A parked sale comes back only when a person opens it: goods of one
    /// customer must never land on the bill of another.
    pub(crate) async fn next_sale(&self, state: &mut State) -> Result<(), TillError> {
        state.sale = self.empty_sale(state).await?;
        state.showing = Showing::Sale;
        self.keep(state).await
    }

    /// The next sale; its ticket is above those closed, in hand and put aside.
    pub(crate) async fn empty_sale(&self, state: &State) -> Result<Sale, TillError> {
        let aside = state.held.iter().map(|held| held.sale.ticket).max().unwrap_or(0);
        let ticket = self.ledger.last_ticket().await?.max(state.sale.ticket).max(aside) + 1;
        Ok(Sale::new(SaleId(self.clock.new_id()), ticket, self.settings().terms))
    }

    /// Keeps the cart in the draft and tells the screen.
    pub(crate) async fn keep(&self, state: &State) -> Result<(), TillError> {
        self.changed();
        if let Some(draft) = &self.draft {
            draft.save(&state.sale).await?;
        }
        Ok(())
    }

    /// After a commit: the ledger has what matters, so a draft that cannot be saved must not look like a payment that failed.
    pub(crate) async fn keep_what_is_committed(&self, state: &State) {
        if let Err(error) = self.keep(state).await {
            tracing::error!(%error, "the open cart could not be saved");
        }
    }

    /// Gives back the cash taken in part for the sale in hand; the cart is open again.
    pub async fn give_back_cash(&self) -> Result<(), TillError> {
        let mut state = self.state().await;
        let attempts = self.attempts_of(&state.sale).await?;
        let mut sale = state.sale.clone();
        let returned = sale.give_back_cash(&attempts)?;
        self.ledger.give_back(&sale, returned, &self.act()).await?;
        state.sale = sale;
        self.keep_what_is_committed(&state).await;
        Ok(())
    }

    /// Takes up an open sale that is known to the ledger, for `kassactl sell` with the id of an unfinished sale.
    pub async fn take_up(&self, sale: SaleId) -> Result<(), TillError> {
        let stored = self.ledger.sale(sale).await?.filter(|stored| stored.closed.is_none() && !stored.void);
        let mut state = self.state().await;
        state.sale = stored.ok_or_else(|| TillError::NotFound(format!("open sale {sale}")))?.sale;
        state.showing = Showing::Sale;
        self.keep(&state).await
    }

    /// Gives up the sale in hand; cash taken in part goes back. Refused where a device has taken money or may have.
    pub async fn void(&self) -> Result<(), TillError> {
        let mut state = self.state().await;
        self.unlocked(&state).await?;
        self.nothing_in_doubt(&state.sale).await?;
        self.ledger.void_sale(&state.sale, &self.act()).await?;
        state.sale = self.empty_sale(&state).await?;
        state.showing = Showing::Sale;
        self.keep_what_is_committed(&state).await;
        Ok(())
    }

    /// Starts a sale under a caller's id, for `kassactl sell`.
    pub async fn start_sale(&self, sale: SaleId) -> Result<(), TillError> {
        let mut state = self.state().await;
        let ticket = self.ledger.last_ticket().await?.max(state.sale.ticket - 1) + 1;
        state.sale = Sale::new(sale, ticket, self.settings().terms);
        state.showing = Showing::Sale;
        self.keep(&state).await
    }

    pub async fn search(&self, text: &str) -> Result<Vec<Found>, TillError> {
        let language = self.state().await.language.clone();
        Ok(self.ledger.search(text, self.settings().currency, &language).await?)
    }

    pub async fn favourites(&self) -> Result<Vec<Found>, TillError> {
        let language = self.state().await.language.clone();
        Ok(self.ledger.favourites(self.settings().currency, &language).await?)
    }

    /// What a typed amount would do as cash: the amount and what is due in cash.
    pub async fn cash_preview(&self, typed: &str) -> Result<(Money, Money), TillError> {
        let state = self.state().await;
        let received = Money::parse_major(typed, self.settings().currency)?;
        Ok((received, state.sale.due_by(TenderKind::Cash)?))
    }

    pub async fn set_language(&self, language: &str) -> Result<(), TillError> {
        if !crate::settings::LANGUAGES.contains(&language) {
            return Err(TillError::NotFound(format!("language “{language}”")));
        }
        let mut state = self.state().await;
        self.ledger.set_setting("language", language, &self.act()).await?;
        state.language = language.to_owned();
        self.changed();
        Ok(())
    }
}

/// How much of a good costs exactly so much; none where nothing does.
fn quantity_for(good: &Good, amount: Money, terms: &Terms) -> Option<Quantity> {
    let price = good.price.minor();
    if price <= 0 {
        return None;
    }
    let quantity = Quantity::from_milli((amount.minor() * 1000 + price / 2) / price, good.unit).ok()?;
    let costs = Line::new(1, good.clone(), quantity).amount(terms);
    (costs == Ok(amount)).then_some(quantity)
}
