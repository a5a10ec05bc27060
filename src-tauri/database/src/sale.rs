//! Sales, their lines and tenders. A sale enters the ledger with its first device attempt or at its close.

use crate::batch::Batch;
use crate::discount;
use crate::journal::{Act, Head};
use crate::marking;
use crate::shift;
use crate::stored_sale::{Closed, load};
use crate::text::damaged;
use crate::{DatabaseError, Ledger, stamp};
use checkout::discount::PriceReason;
use checkout::money::Money;
use checkout::payment::SaleId;
use checkout::sale::{Line, Sale};
use checkout::tax::{TaxLine, VatRate};
use checkout::tender::Tender;
use checkout::total::{Figures, LineFigures};
use serde_json::{Value, json};
use sqlx::{Row, SqliteConnection};

impl Ledger {
    /// Closes a sale paid without a device: lines, tenders, receipt number and journal in one commit.
    /// `command` makes a repeat harmless: its first answer is kept with it.
    pub async fn close_sale(&self, sale: &Sale, act: &Act, command: uuid::Uuid) -> Result<Closed, DatabaseError> {
        let mut transaction = self.begin().await?;
        let mut standing = Standing::to_write(&mut transaction, sale).await?;
        let mut batch = Batch::default();
        store(&mut batch, &standing, sale, act)?;
        let closed = close(&mut batch, &mut standing, sale, act)?;
        remember(&mut batch, command, &sale.id.to_string());
        batch.run(&mut transaction).await?;
        self.commit(transaction, &standing.head).await?;
        self.note_closed(sale);
        Ok(closed)
    }

    /// Gives up an open sale that no device has taken money for; the journal says how much cash went back. Nothing is written of
    /// a sale without lines that the ledger does not know.
    pub async fn void_sale(&self, sale: &Sale, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let stored = load(&mut transaction, sale.id).await?;
        if stored.is_none() && sale.lines.is_empty() {
            return Ok(());
        }
        let key = sale.id.to_string();
        let holding: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM attempt WHERE sale_id = ? AND state IN ('intended', 'pending', 'unknown', 'approved')",
        )
        .bind(&key)
        .fetch_one(&mut *transaction)
        .await?;
        if holding > 0 || stored.as_ref().is_some_and(|stored| stored.closed.is_some() || stored.void) {
            return Err(checkout::sale::SaleError::Locked.into());
        }
        let mut standing = Standing::of(&mut transaction, sale.id).await?;
        let mut batch = Batch::default();
        // One that was only put aside enters the ledger with its end.
        let sale = match &stored {
            Some(stored) => &stored.sale,
            None => {
                store(&mut batch, &standing, sale, act)?;
                sale
            }
        };
        let shift = shift::add(&mut batch, standing.shift, &shift::voided(sale.total()?), act);
        batch.then("UPDATE sale SET state = 'void', shift = ? WHERE id = ?").bind(shift).bind(key.as_str());
        let body = json!({
            "ticket": sale.ticket, "total_minor": sale.total()?.minor(), "returned_minor": sale.cash_held()?.minor(),
        });
        standing.head.append(&mut batch, act, "sale_voided", &key, body);
        batch.run(&mut transaction).await?;
        self.commit(transaction, &standing.head).await?;
        Ok(())
    }

    /// Commits cash taken in part: what is in the drawer is written down like any other money.
    pub async fn take_part(&self, sale: &Sale, act: &Act, command: uuid::Uuid) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let mut standing = Standing::to_write(&mut transaction, sale).await?;
        let mut batch = Batch::default();
        store(&mut batch, &standing, sale, act)?;
        let body = json!({ "ticket": sale.ticket, "cash_minor": sale.cash_held()?.minor(), "due_minor": sale.due()?.minor() });
        standing.head.append(&mut batch, act, "cash_taken", &sale.id.to_string(), body);
        remember(&mut batch, command, &sale.id.to_string());
        batch.run(&mut transaction).await?;
        self.commit(transaction, &standing.head).await?;
        Ok(())
    }

    /// Commits that the cash taken in part was given back. `sale` no longer holds it.
    pub async fn give_back(&self, sale: &Sale, returned: Money, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let mut standing = Standing::to_write(&mut transaction, sale).await?;
        let mut batch = Batch::default();
        store(&mut batch, &standing, sale, act)?;
        let body = json!({ "ticket": sale.ticket, "returned_minor": returned.minor() });
        standing.head.append(&mut batch, act, "cash_returned", &sale.id.to_string(), body);
        batch.run(&mut transaction).await?;
        self.commit(transaction, &standing.head).await?;
        Ok(())
    }
}

/// What a transaction must know before it writes about a sale, read at once.
pub(crate) struct Standing {
    pub(crate) head: Head,
    /// None where the ledger does not know the sale yet.
    state: Option<String>,
    last_number: i64,
    /// The open shift.
    pub(crate) shift: Option<i64>,
    /// The receipt's header as the settings have it now.
    header: Option<String>,
}

impl Standing {
    /// Before a sale is written: its marked units must not have been sold.
    pub(crate) async fn to_write(connection: &mut SqliteConnection, sale: &Sale) -> Result<Standing, DatabaseError> {
        marking::check(connection, sale).await?;
        Standing::of(connection, sale.id).await
    }

    pub(crate) async fn of(connection: &mut SqliteConnection, sale: SaleId) -> Result<Standing, DatabaseError> {
        let row = sqlx::query(
            "SELECT (SELECT state FROM sale WHERE id = ?) AS state, max(coalesce((SELECT max(number) FROM sale), 0), coalesce((SELECT max(number) FROM refund), 0)) AS last_number,
                    (SELECT number FROM shift WHERE closed_at IS NULL) AS shift, seq, hash,
                    (SELECT body FROM receipt_header JOIN setting ON CAST(value AS INTEGER) = receipt_header.id WHERE name = 'receipt_header') AS header
             FROM (SELECT 1) LEFT JOIN (SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1)",
        )
        .bind(sale.to_string())
        .fetch_one(connection)
        .await?;
        Ok(Standing {
            head: Head::new(row.try_get("seq")?, row.try_get("hash")?),
            state: row.try_get("state")?,
            last_number: row.try_get("last_number")?,
            shift: row.try_get("shift")?,
            header: row.try_get("header")?,
        })
    }

    /// What a sale or a refund that closes now gets: the next number of the till.
    pub(crate) fn next_closed(&self, act: &Act) -> Closed {
        Closed { number: self.last_number + 1, closed_at: stamp(&act.at), header: self.header.clone() }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state.as_deref().is_none_or(|state| state == "open")
    }
}

pub(crate) fn remember(batch: &mut Batch, command: uuid::Uuid, answer: &str) {
    batch.then("INSERT INTO command (id, answer) VALUES (?, ?)").bind(command.to_string()).bind(answer.to_owned());
}

/// Writes an open sale as it stands. Its cart may have changed since an earlier attempt; a closed sale is never touched.
pub(crate) fn store(batch: &mut Batch, standing: &Standing, sale: &Sale, act: &Act) -> Result<(), DatabaseError> {
    let key = sale.id.to_string();
    if !standing.is_open() {
        return Err(damaged(format!("sale {key} is closed and was about to change")));
    }
    let figures = sale.figures()?;
    batch
        .then(
            "INSERT INTO sale (id, ticket, state, currency, line_step_minor, cash_step_minor, vat, discounts, reason, discount_minor,
                               line_discount_minor, tax_added_minor, total_minor, opened_at)
             VALUES (?, ?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET discounts = excluded.discounts, reason = excluded.reason, discount_minor = excluded.discount_minor,
               line_discount_minor = excluded.line_discount_minor, tax_added_minor = excluded.tax_added_minor,
               total_minor = excluded.total_minor",
        )
        .bind(key.as_str())
        .bind(sale.ticket)
        .bind(sale.currency().facts().code)
        .bind(sale.terms.line_step_minor)
        .bind(sale.terms.cash_step_minor)
        .bind(sale.terms.vat.code())
        .bind(discount::written(&sale.discounts)?)
        .bind(sale.reason.map(PriceReason::code))
        .bind(figures.cart_discount.minor())
        .bind(shift::line_discount(&figures)?.minor())
        .bind(figures.tax_added.minor())
        .bind(figures.total.minor())
        .bind(stamp(&act.at));
    if standing.state.is_some() {
        batch.then("DELETE FROM sale_line WHERE sale_id = ?").bind(key.as_str());
        // Cash is as the sale has it now; what a device took was written with its outcome and stays.
        batch.then("DELETE FROM tender WHERE sale_id = ? AND attempt_id IS NULL").bind(key.as_str());
    }
    insert_lines(batch, &key, &sale.lines, &figures.lines)?;
    for tender in sale.tenders.iter().filter(|tender| tender.attempt.is_none()) {
        insert_tender(batch, &key, tender);
    }
    Ok(())
}

/// Cash taken for a sale so far, less its change.
fn insert_lines(batch: &mut Batch, sale: &str, lines: &[Line], figures: &[LineFigures]) -> Result<(), DatabaseError> {
    let mut rows = Vec::new();
    for (line, figures) in lines.iter().zip(figures) {
        rows.push(json!([
            line.id,
            line.good.item,
            line.good.code,
            line.good.name,
            line.good.language,
            line.good.unit.code(),
            line.quantity.milli(),
            line.good.price.minor(),
            line.own_price.map(Money::minor),
            line.good.vat.map(VatRate::basis_points),
            discount::written(&line.discounts)?,
            line.reason.map(PriceReason::code),
            figures.gross.minor(),
            figures.discount.minor(),
            figures.cart_share.minor(),
            figures.sold.minor(),
            line.marking.as_ref().map(|marking| &marking.unit),
            line.marking.as_ref().map(|marking| &marking.raw),
        ]));
    }
    batch
        .then(
            "INSERT INTO sale_line SELECT ?, key, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
             value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15,
             value ->> 16, value ->> 17 FROM json_each(?)",
        )
        .bind(sale.to_owned())
        .bind(Value::from(rows).to_string());
    Ok(())
}

/// Writes a tender behind those already there; what an attempt took is written once.
pub(crate) fn insert_tender(batch: &mut Batch, sale: &str, tender: &Tender) {
    batch
        .then(
            "INSERT INTO tender SELECT ?, coalesce(max(ordinal), -1) + 1, ?, ?, ?, ?, ?, ?, NULL FROM tender WHERE sale_id = ?
             ON CONFLICT (attempt_id) WHERE attempt_id IS NOT NULL DO NOTHING",
        )
        .bind(sale.to_owned())
        .bind(tender.kind.code())
        .bind(tender.amount.minor())
        .bind(tender.received.minor())
        .bind(tender.change.minor())
        .bind(tender.rounding.minor())
        .bind(tender.attempt.map(|attempt| attempt.to_string()))
        .bind(sale.to_owned());
}

/// Gives the receipt number, counts the sale in its shift and writes it whole to the journal. The sale must be fully paid.
pub(crate) fn close(batch: &mut Batch, standing: &mut Standing, sale: &Sale, act: &Act) -> Result<Closed, DatabaseError> {
    if !sale.is_paid()? {
        return Err(damaged(format!("sale {} was about to close with {} due", sale.id, sale.due()?)));
    }
    let (key, figures) = (sale.id.to_string(), sale.figures()?);
    let closed = standing.next_closed(act);
    let shift = shift::add(batch, standing.shift, &shift::closed(sale, &figures)?, act);
    batch
        .then(
            "UPDATE sale SET state = 'closed', number = ?, closed_at = ?, rounding_minor = ?, shift = ?,
             header = (SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'receipt_header') WHERE id = ?",
        )
        .bind(closed.number)
        .bind(closed.closed_at.clone())
        .bind(sale.rounding()?.minor())
        .bind(shift)
        .bind(key.as_str());
    batch.then("UPDATE tender SET shift = ? WHERE sale_id = ?").bind(shift).bind(key.as_str());
    for row in &figures.taxes {
        batch
            .then("INSERT INTO sale_tax (sale_id, vat_bp, net_minor, tax_minor, shift) VALUES (?, ?, ?, ?, ?)")
            .bind(key.as_str())
            .bind(row.rate.basis_points())
            .bind(row.net.minor())
            .bind(row.tax.minor())
            .bind(shift);
    }
    standing.head.append(batch, act, "sale_closed", &key, facts(sale, &figures, closed.number)?);
    Ok(closed)
}

/// A tax table as the journal keeps it.
pub(crate) fn told_taxes(taxes: &[TaxLine]) -> Vec<Value> {
    let row = |row: &TaxLine| json!({ "vat_bp": row.rate.basis_points(), "net_minor": row.net.minor(), "tax_minor": row.tax.minor() });
    taxes.iter().map(row).collect()
}

/// The sale in full, so that every figure can be derived from the journal alone.
fn facts(sale: &Sale, figures: &Figures, number: i64) -> Result<Value, DatabaseError> {
    let mut lines = Vec::new();
    for (line, figures) in sale.lines.iter().zip(&figures.lines) {
        lines.push(json!({
            "item": line.good.item, "code": line.good.code, "name": line.good.name, "unit": line.good.unit.code(),
            "quantity_milli": line.quantity.milli(), "price_minor": line.good.price.minor(),
            "own_price_minor": line.own_price.map(Money::minor), "vat_bp": line.good.vat.map(VatRate::basis_points),
            "gross_minor": figures.gross.minor(), "discounts": discount::stored(&line.discounts),
            "reason": line.reason.map(PriceReason::code), "discount_minor": figures.discount.minor(), "amount_minor": figures.amount.minor(),
            "cart_share_minor": figures.cart_share.minor(), "sold_minor": figures.sold.minor(),
            "marking": line.marking.as_ref().map(|marking| &marking.raw),
        }));
    }
    let tenders: Vec<Value> = sale
        .tenders
        .iter()
        .map(|tender| {
            json!({
                "kind": tender.kind.code(), "amount_minor": tender.amount.minor(), "received_minor": tender.received.minor(),
                "change_minor": tender.change.minor(), "rounding_minor": tender.rounding.minor(), "attempt": tender.attempt.map(|attempt| attempt.to_string()),
            })
        })
        .collect();
    Ok(json!({
        "number": number, "ticket": sale.ticket, "currency": sale.currency().facts().code,
        "line_step_minor": sale.terms.line_step_minor, "cash_step_minor": sale.terms.cash_step_minor, "vat": sale.terms.vat.code(),
        "subtotal_minor": figures.subtotal.minor(), "discounts": discount::stored(&sale.discounts),
        "reason": sale.reason.map(PriceReason::code), "discount_minor": figures.cart_discount.minor(), "tax_added_minor": figures.tax_added.minor(), "taxes": told_taxes(&figures.taxes),
        "total_minor": figures.total.minor(), "rounding_minor": sale.rounding()?.minor(), "lines": lines, "tenders": tenders,
    }))
}
