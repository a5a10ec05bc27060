//! A price given by hand, and discounts: set on the open cart with their reason, and kept in the draft.

use crate::{State, Till, TillError};
use checkout::discount::{Discount, DiscountError, PriceReason};
use checkout::money::{Currency, Money};
use checkout::payment::SaleId;
use checkout::people::{Extent, Right};
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

/// What was allowed of prices, in basis points, by sale and line; under no line the cart's own discount. Kept for this
/// run: after a restart it is asked for once more.
pub(crate) type Allowed = HashMap<(SaleId, Option<u32>), i64>;

impl Till {
    pub async fn change_price(&self, change: &PriceChange, reason: Option<PriceReason>) -> Result<(), TillError> {
        let mut state = self.state().await;
        let mut changed = state.sale.clone();
        apply(&mut changed, change, reason)?;
        // Taking a change away again needs no more right than selling.
        if change.gives() {
            let extent = taken_off(&changed, change.line())?;
            self.allow(change.right(), extent, changed.id).await?;
            let kept: Vec<SaleId> = state.held.iter().map(|held| held.sale.id).chain([changed.id]).collect();
            state.allowed.retain(|(sale, _), _| kept.contains(sale));
            state.allowed.insert((changed.id, change.line()), extent.basis_points().unwrap_or_default());
        }
        self.ready_for_goods(&mut state).await?;
        state.sale = changed;
        self.keep(&state).await
    }

    /// Before money is taken: an amount off that was little of a full cart may be much of what is left of it.
    pub(crate) async fn allow_prices(&self, state: &mut State) -> Result<(), TillError> {
        let sale = &state.sale;
        let cart = (!sale.discounts.is_empty()).then_some((None, Right::Discount));
        let lines = sale.lines.iter().filter_map(|line| {
            let right = if line.own_price.is_some() { Right::PriceChange } else { Right::Discount };
            (line.own_price.is_some() || !line.discounts.is_empty()).then_some((Some(line.id), right))
        });
        for (line, right) in lines.chain(cart) {
            let extent = taken_off(sale, line)?;
            if !state.allowed.get(&(sale.id, line)).is_some_and(|allowed| extent.is_within(*allowed)) {
                self.allow(right, extent, sale.id).await?;
                state.allowed.insert((sale.id, line), extent.basis_points().unwrap_or_default());
            }
        }
        Ok(())
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

/// What a line comes down by from its usual price, all given to it together; of the cart, what its own discount takes off.
fn taken_off(sale: &Sale, line: Option<u32>) -> Result<Extent, TillError> {
    let step_minor = sale.terms.line_step_minor;
    let Some(line) = line else {
        let amounts: Vec<Money> = sale.lines.iter().map(|line| line.amount(&sale.terms)).collect::<Result<_, _>>()?;
        let usual = Money::sum(sale.currency(), amounts)?;
        return Ok(Extent::Off { usual, off: sale.figures()?.cart_discount, step_minor });
    };
    let line = sale.lines.iter().find(|candidate| candidate.id == line).ok_or(SaleError::NoLine(line))?;
    let usual = Line { own_price: None, discounts: Vec::new(), ..line.clone() }.amount(&sale.terms)?;
    Ok(Extent::Off { usual, off: usual.minus(line.amount(&sale.terms)?)?, step_minor })
}

fn read(typed: Option<&str>, currency: Currency) -> Result<Vec<Discount>, DiscountError> {
    typed.iter().map(|text| Discount::parse(text, currency)).collect()
}

fn cost(sale: &Sale, change: &PriceChange) -> Result<Money, TillError> {
    let (PriceChange::Line { line, .. } | PriceChange::LineDiscount { line, .. }) = change else { return Ok(sale.total()?) };
    let line = sale.lines.iter().find(|candidate| candidate.id == *line).ok_or(SaleError::NoLine(*line))?;
    Ok(line.amount(&sale.terms)?)
}
