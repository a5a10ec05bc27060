//! A price given by hand, and discounts: set on the open cart and kept in the draft.

use crate::{Till, TillError};
use checkout::discount::{Discount, DiscountError};
use checkout::money::{Currency, Money};

impl Till {
    /// Sells a line at a typed price in major units, or at the good's own price again.
    pub async fn set_price(&self, line: u32, typed: Option<&str>) -> Result<(), TillError> {
        let mut state = self.state().await;
        let price = typed.map(|text| Money::parse_major(text, state.sale.currency())).transpose()?;
        self.ready_for_goods(&mut state).await?;
        state.sale.set_price(line, price)?;
        self.keep(&state).await
    }

    /// Replaces a line's discounts by typed ones, `10%` or an amount in major units; none takes them away.
    pub async fn discount_line(&self, line: u32, typed: &[&str]) -> Result<(), TillError> {
        let mut state = self.state().await;
        let discounts = read(typed, state.sale.currency())?;
        self.ready_for_goods(&mut state).await?;
        state.sale.discount_line(line, discounts)?;
        self.keep(&state).await
    }

    /// Replaces the discounts of the whole cart by typed ones; none takes them away.
    pub async fn discount_cart(&self, typed: &[&str]) -> Result<(), TillError> {
        let mut state = self.state().await;
        let discounts = read(typed, state.sale.currency())?;
        self.ready_for_goods(&mut state).await?;
        state.sale.discount_cart(discounts)?;
        self.keep(&state).await
    }
}

fn read(typed: &[&str], currency: Currency) -> Result<Vec<Discount>, DiscountError> {
    typed.iter().map(|text| Discount::parse(text, currency)).collect()
}
