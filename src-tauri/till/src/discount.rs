//! A price given by hand, and discounts: set on the open cart with their reason, and kept in the draft.

use crate::{Till, TillError};
use checkout::discount::{Discount, DiscountError, PriceReason};
use checkout::money::{Currency, Money};
use checkout::people::{Extent, Right};
use checkout::sale::{Line, Sale, SaleError};

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

    const fn right(&self) -> Right {
        match self {
            PriceChange::Line { .. } => Right::PriceChange,
            PriceChange::LineDiscount { .. } | PriceChange::CartDiscount { .. } => Right::Discount,
        }
    }
}

impl Till {
    pub async fn change_price(&self, change: &PriceChange, reason: Option<PriceReason>) -> Result<(), TillError> {
        let mut state = self.state().await;
        let mut changed = state.sale.clone();
        apply(&mut changed, change, reason)?;
        // Taking a change away again needs no more right than selling.
        if change.gives() {
            self.allow(change.right(), taken_off(&changed, change)?, changed.id).await?;
        }
        self.ready_for_goods(&mut state).await?;
        state.sale = changed;
        self.keep(&state).await
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
fn taken_off(changed: &Sale, change: &PriceChange) -> Result<Extent, TillError> {
    let step_minor = changed.terms.line_step_minor;
    let (PriceChange::Line { line, .. } | PriceChange::LineDiscount { line, .. }) = change else {
        let figures = changed.figures()?;
        let usual =
            Money::sum(changed.currency(), changed.lines.iter().map(|line| line.amount(&changed.terms)).collect::<Result<Vec<_>, _>>()?)?;
        return Ok(Extent::Off { usual, off: figures.cart_discount, step_minor });
    };
    let line = changed.lines.iter().find(|candidate| candidate.id == *line).ok_or(SaleError::NoLine(*line))?;
    let usual = Line { own_price: None, discounts: Vec::new(), ..line.clone() }.amount(&changed.terms)?;
    Ok(Extent::Off { usual, off: usual.minus(line.amount(&changed.terms)?)?, step_minor })
}

fn read(typed: Option<&str>, currency: Currency) -> Result<Vec<Discount>, DiscountError> {
    typed.iter().map(|text| Discount::parse(text, currency)).collect()
}

fn cost(sale: &Sale, change: &PriceChange) -> Result<Money, TillError> {
    let (PriceChange::Line { line, .. } | PriceChange::LineDiscount { line, .. }) = change else { return Ok(sale.total()?) };
    let line = sale.lines.iter().find(|candidate| candidate.id == *line).ok_or(SaleError::NoLine(*line))?;
    Ok(line.amount(&sale.terms)?)
}
