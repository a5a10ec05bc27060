//! A price given by hand, and discounts: set on the open cart with their reason, and kept in the draft.

use crate::{Found, State, Till, TillError};
use checkout::discount::{Discount, DiscountError, PriceReason};
use checkout::money::{Currency, Money};
use checkout::payment::SaleId;
use checkout::people::{Allowance, Extent, Right};
use checkout::quantity::Quantity;
use checkout::sale::{Line, Sale, SaleError};
use std::collections::HashMap;

/// What a cashier types about a price. None takes it away again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceChange {
    /// A price in major units for one unit of the line's good.
    Line { line: u32, price: Option<String> },
    /// `10%`, or an amount in major units; it takes the place of the line's discounts.
    LineDiscount { line: u32, discount: Option<String> },
    /// The same for the whole cart.
    CartDiscount { discount: Option<String> },
}

impl PriceChange {
    fn gives(&self) -> bool {
        match self {
            PriceChange::Line { price: given, .. }
            | PriceChange::LineDiscount { discount: given, .. }
            | PriceChange::CartDiscount { discount: given } => given.is_some(),
        }
    }

    const fn line(&self) -> Option<u32> {
        match self {
            PriceChange::Line { line, .. } | PriceChange::LineDiscount { line, .. } => Some(*line),
            PriceChange::CartDiscount { .. } => None,
        }
    }

    const fn right(&self) -> Right {
        match self {
            PriceChange::Line { .. } => Right::PriceChange,
            PriceChange::LineDiscount { .. } | PriceChange::CartDiscount { .. } => Right::Discount,
        }
    }
}

/// What was allowed of prices, by sale and line; under no line the whole sale. The draft keeps it too.
pub(crate) type Allowed = HashMap<(SaleId, Option<u32>), Allowance>;

/// What somebody has given or allowed in the command under way, by line. It is remembered when that is done.
pub(crate) type Given = Vec<(Option<u32>, Allowance)>;

/// Where a sale comes down from its usual prices: on one line, or in all of it.
struct Reduction {
    line: Option<u32>,
    right: Right,
    extent: Extent,
}

impl Till {
    pub async fn change_price(&self, change: &PriceChange, reason: Option<PriceReason>) -> Result<(), TillError> {
        let mut state = self.state().await;
        let mut changed = state.sale.clone();
        apply(&mut changed, change, reason)?;
        let mut given = Given::new();
        // Taking a change away again needs no more right than selling.
        if change.gives() {
            let all = reductions(&changed)?;
            let own = all.iter().find(|reduction| reduction.line == change.line());
            if let Some(own) = own {
                self.allow(change.right(), own.extent, changed.id)?;
                given.extend(own.extent.allowance().map(|allowance| (own.line, allowance)));
            }
            // A line's discount comes on top of the cart's.
            let whole: Vec<&Reduction> = all.iter().filter(|reduction| reduction.line.is_none() && change.line().is_some()).collect();
            given.extend(self.allow_beyond(&state, changed.id, whole)?);
        }
        self.ready_for_goods(&mut state).await?;
        let before = std::mem::replace(&mut state.sale, changed);
        if let Err(error) = self.keep(&state).await {
            state.sale = before;
            return Err(error);
        }
        let sale = state.sale.id;
        self.remember_allowed(&mut state, sale, given).await;
        Ok(())
    }

    /// Adds a known good at a typed price.
    pub(crate) async fn put_in_at(&self, state: &mut State, found: Found, price: Money) -> Result<(), TillError> {
        let off = found.good.price.minus(price)?;
        if found.marked || off.is_zero() {
            return self.put_in(state, found, Quantity::ONE).await;
        }
        let extent = Extent::Off { usual: found.good.price, off, step_minor: state.sale.terms.line_step_minor };
        self.allow(Right::PriceChange, extent, state.sale.id)?;
        self.ready_for_goods(state).await?;
        let line = state.sale.add_at(found.good, Quantity::ONE, price)?;
        self.keep(state).await?;
        let (sale, given) = (state.sale.id, extent.allowance().map(|allowance| (Some(line), allowance)));
        self.remember_allowed(state, sale, given.into_iter().collect()).await;
        Ok(())
    }

    /// Before money is taken: an amount off that was little of a full cart may be much of what is left of it, and a percent
    /// of a few goods is more money when more have come.
    pub(crate) fn allow_prices(&self, state: &State) -> Result<Given, TillError> {
        self.allow_beyond(state, state.sale.id, &reductions(&state.sale)?)
    }

    /// Asks for what goes beyond what was allowed before.
    fn allow_beyond<'a>(
        &self,
        state: &State,
        sale: SaleId,
        reductions: impl IntoIterator<Item = &'a Reduction>,
    ) -> Result<Given, TillError> {
        let mut given = Given::new();
        for Reduction { line, right, extent } in reductions {
            if !state.allowed.get(&(sale, *line)).is_some_and(|allowed| allowed.covers(*extent)) {
                self.allow(*right, *extent, sale)?;
                given.extend(extent.allowance().map(|allowance| (*line, allowance)));
            }
        }
        Ok(given)
    }

    /// It is done: whoever goes on with the sale, after a restart too, need not ask again.
    pub(crate) async fn remember_allowed(&self, state: &mut State, sale: SaleId, given: Given) {
        for (line, allowance) in given {
            state.allowed.insert((sale, line), allowance);
            if let Some(draft) = &self.draft
                && let Err(error) = draft.allow(sale, line, allowance).await
            {
                tracing::error!(%error, "what was allowed could not be kept; after a restart it is asked for again");
            }
        }
    }

    /// What the line, or the whole sale, costs now and would cost then.
    pub async fn preview_price(&self, change: &PriceChange) -> Result<(Money, Money), TillError> {
        let before = self.state().await.sale.clone();
        let mut after = before.clone();
        apply(&mut after, change, None)?;
        Ok((cost(&before, change)?, cost(&after, change)?))
    }
}

fn apply(sale: &mut Sale, change: &PriceChange, reason: Option<PriceReason>) -> Result<(), TillError> {
    match change {
        PriceChange::Line { line, price } => {
            let price = price.as_deref().map(|text| Money::parse_major(text, sale.currency())).transpose()?;
            sale.set_price(*line, price)?;
            sale.explain_line(*line, reason)?;
        }
        PriceChange::LineDiscount { line, discount } => {
            sale.discount_line(*line, read(discount.as_deref(), sale.currency())?)?;
            sale.explain_line(*line, reason)?;
        }
        PriceChange::CartDiscount { discount } => {
            sale.discount_cart(read(discount.as_deref(), sale.currency())?)?;
            sale.explain_cart(reason)?;
        }
    }
    Ok(())
}

/// Each line with a price or a discount of its own, all given to it together; and where the cart has a discount the whole
/// sale, what its lines come down by with it.
fn reductions(sale: &Sale) -> Result<Vec<Reduction>, TillError> {
    let (terms, step_minor) = (&sale.terms, sale.terms.line_step_minor);
    let zero = Money::zero(sale.currency());
    let (mut found, mut usual_of_all, mut sold) = (Vec::new(), zero, zero);
    for line in &sale.lines {
        let usual = Line { own_price: None, discounts: Vec::new(), ..line.clone() }.amount(terms)?;
        let amount = line.amount(terms)?;
        (usual_of_all, sold) = (usual_of_all.plus(usual)?, sold.plus(amount)?);
        if line.own_price.is_some() || !line.discounts.is_empty() {
            let right = if line.own_price.is_some() { Right::PriceChange } else { Right::Discount };
            found.push(Reduction { line: Some(line.id), right, extent: Extent::Off { usual, off: usual.minus(amount)?, step_minor } });
        }
    }
    if !sale.discounts.is_empty() {
        let off = usual_of_all.minus(sold)?.plus(sale.figures()?.cart_discount)?;
        found.push(Reduction { line: None, right: Right::Discount, extent: Extent::Off { usual: usual_of_all, off, step_minor } });
    }
    Ok(found)
}

fn read(typed: Option<&str>, currency: Currency) -> Result<Vec<Discount>, DiscountError> {
    typed.iter().map(|text| Discount::parse(text, currency)).collect()
}

fn cost(sale: &Sale, change: &PriceChange) -> Result<Money, TillError> {
    let (PriceChange::Line { line, .. } | PriceChange::LineDiscount { line, .. }) = change else { return Ok(sale.total()?) };
    let line = sale.lines.iter().find(|candidate| candidate.id == *line).ok_or(SaleError::NoLine(*line))?;
    Ok(line.amount(&sale.terms)?)
}
