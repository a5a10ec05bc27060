//! Sales read back from the ledger.

use crate::discount;
use crate::text::{coded, damaged, id, money};
use crate::{DatabaseError, Ledger};
use checkout::marking::Marking;
use checkout::money::Currency;
use checkout::payment::{AttemptId, SaleId};
use checkout::quantity::{Quantity, Unit};
use checkout::sale::{Good, Line, Sale};
use checkout::tax::VatRate;
use checkout::tender::{Tender, TenderKind};
use checkout::terms::{Terms, Vat};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// A closed sale's number and moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub number: i64,
    /// RFC 3339 with the till's offset.
    pub closed_at: String,
    /// The receipt's header at that moment, as the till wrote it; none where no shop was set up.
    pub header: Option<String>,
}

/// A sale as the ledger holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSale {
    pub sale: Sale,
    /// None while the sale is open, and of a void one.
    pub closed: Option<Closed>,
    /// Given up before it was paid; cash taken in part went back.
    pub void: bool,
    /// When it entered the ledger, as [`stamp`] writes it.
    pub opened_at: String,
}

impl Ledger {
    pub async fn sale(&self, sale: SaleId) -> Result<Option<StoredSale>, DatabaseError> {
        let mut connection = self.reader.acquire().await?;
        load(&mut connection, sale).await
    }

    /// A closed sale by its receipt number.
    pub async fn sale_by_number(&self, number: i64) -> Result<Option<StoredSale>, DatabaseError> {
        let mut connection = self.reader.acquire().await?;
        let found: Option<String> =
            sqlx::query_scalar("SELECT id FROM sale WHERE number = ?").bind(number).fetch_optional(&mut *connection).await?;
        match found {
            Some(found) => load(&mut connection, SaleId(id(&found)?)).await,
            None => Ok(None),
        }
    }

    /// The highest ticket number the ledger knows.
    pub async fn last_ticket(&self) -> Result<i64, DatabaseError> {
        // Sales enter in the order of their tickets but for the few that were parked, so the newest rows tell.
        let newest = "SELECT max(ticket) FROM (SELECT ticket FROM sale ORDER BY rowid DESC LIMIT 100)";
        let ticket: Option<i64> = sqlx::query_scalar(newest).fetch_one(&self.reader).await?;
        Ok(ticket.unwrap_or(0))
    }

    /// Sales that are open and have taken money or wait for an attempt, oldest first.
    pub async fn open_sales(&self) -> Result<Vec<StoredSale>, DatabaseError> {
        let mut connection = self.reader.acquire().await?;
        let ids: Vec<String> =
            sqlx::query_scalar("SELECT id FROM sale WHERE state = 'open' ORDER BY ticket").fetch_all(&mut *connection).await?;
        let mut sales = Vec::new();
        for found in ids {
            sales.extend(load(&mut connection, SaleId(id(&found)?)).await?);
        }
        Ok(sales)
    }
}

pub(crate) async fn load(connection: &mut SqliteConnection, sale: SaleId) -> Result<Option<StoredSale>, DatabaseError> {
    let key = sale.to_string();
    let found =
        "SELECT sale.*, receipt_header.body FROM sale LEFT JOIN receipt_header ON receipt_header.id = sale.header WHERE sale.id = ?";
    let Some(head) = sqlx::query(found).bind(&key).fetch_optional(&mut *connection).await? else {
        return Ok(None);
    };
    let currency = coded(&head.try_get::<String, _>("currency")?, Currency::from_code)?;
    let rows = sqlx::query("SELECT * FROM sale_line WHERE sale_id = ? ORDER BY position").bind(&key).fetch_all(&mut *connection).await?;
    let lines = rows.iter().map(|row| line(row, currency)).collect::<Result<Vec<_>, _>>()?;
    let rows = sqlx::query("SELECT * FROM tender WHERE sale_id = ? ORDER BY ordinal").bind(&key).fetch_all(&mut *connection).await?;
    let tenders = rows.iter().map(|row| tender(row, currency)).collect::<Result<Vec<_>, _>>()?;
    let closed = match (head.try_get::<Option<i64>, _>("number")?, head.try_get::<Option<String>, _>("closed_at")?) {
        (Some(number), Some(closed_at)) => Some(Closed { number, closed_at, header: head.try_get("body")? }),
        _ => None,
    };
    let terms = Terms {
        currency,
        line_step_minor: step(head.try_get("line_step_minor")?)?,
        cash_step_minor: step(head.try_get("cash_step_minor")?)?,
        vat: coded(&head.try_get::<String, _>("vat")?, Vat::from_code)?,
    };
    let discounts = discount::read(&head.try_get::<String, _>("discounts")?, currency)?;
    let mut sale = Sale::restore_stored(sale, head.try_get("ticket")?, terms, lines, discounts, tenders);
    sale.reason = discount::reason(head.try_get("reason")?)?;
    Ok(Some(StoredSale { sale, closed, void: head.try_get::<String, _>("state")? == "void", opened_at: head.try_get("opened_at")? }))
}

/// A rounding step; one that is not above zero would be divided by.
pub(crate) fn step(minor: i64) -> Result<i64, DatabaseError> {
    if minor > 0 { Ok(minor) } else { Err(damaged("a rounding step")) }
}

fn line(row: &SqliteRow, currency: Currency) -> Result<Line, DatabaseError> {
    let unit = coded(&row.try_get::<String, _>("unit")?, Unit::from_code)?;
    let vat = match row.try_get::<Option<u32>, _>("vat_bp")? {
        Some(basis_points) => Some(VatRate::from_basis_points(basis_points).ok_or_else(|| damaged("a VAT rate"))?),
        None => None,
    };
    Ok(Line {
        id: row.try_get("line")?,
        good: Good {
            item: row.try_get("item_id")?,
            code: row.try_get("code")?,
            name: row.try_get("name")?,
            language: row.try_get("language")?,
            unit,
            price: money(row.try_get("price_minor")?, currency)?,
            vat,
        },
        quantity: Quantity::from_milli(row.try_get("quantity_milli")?, unit).map_err(|_| damaged("a quantity"))?,
        own_price: row.try_get::<Option<i64>, _>("own_price_minor")?.map(|minor| money(minor, currency)).transpose()?,
        discounts: discount::read(&row.try_get::<String, _>("discounts")?, currency)?,
        reason: discount::reason(row.try_get("reason")?)?,
        marking: match (row.try_get("marking_unit")?, row.try_get("marking")?) {
            (Some(unit), Some(raw)) => Some(Marking { unit, raw }),
            _ => None,
        },
    })
}

fn tender(row: &SqliteRow, currency: Currency) -> Result<Tender, DatabaseError> {
    let attempt = match row.try_get::<Option<String>, _>("attempt_id")? {
        Some(attempt) => Some(AttemptId(id(&attempt)?)),
        None => None,
    };
    Ok(Tender {
        kind: coded(&row.try_get::<String, _>("kind")?, TenderKind::from_code)?,
        amount: money(row.try_get("amount_minor")?, currency)?,
        received: money(row.try_get("received_minor")?, currency)?,
        change: money(row.try_get("change_minor")?, currency)?,
        rounding: money(row.try_get("rounding_minor")?, currency)?,
        attempt,
    })
}
