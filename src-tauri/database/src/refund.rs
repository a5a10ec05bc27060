//! Refunds: opened with their plan, given back way by way, closed with a number of their own.

use crate::attempt::{self, StoredAttempt};
use crate::batch::Batch;
use crate::journal::Act;
use crate::sale::{Standing, remember, told_taxes};
use crate::shift;
use crate::stored_sale::{Closed, StoredSale, load as load_sale};
use crate::text::{coded, damaged, id, money};
use crate::{DatabaseError, Ledger, stamp};
use checkout::money::{Currency, Money};
use checkout::payment::{Attempt, AttemptId, CommittedIntent, SaleId};
use checkout::refund::{Portion, Refund, RefundError, RefundId, RefundLine, RefundTender, Wanted};
use checkout::tax::{TaxLine, VatRate};
use checkout::tender::TenderKind;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// A refund as the ledger holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRefund {
    pub refund: Refund,
    /// None while it is open, and of a void one.
    pub closed: Option<Closed>,
    /// Given up before any money had gone back.
    pub void: bool,
    pub opened_at: String,
}

impl StoredRefund {
    pub fn is_open(&self) -> bool {
        self.closed.is_none() && !self.void
    }
}

impl Ledger {
    /// Plans a refund of what is left of a closed sale and commits the plan: from here on it counts as given back.
    pub async fn open_refund(
        &self,
        refund: RefundId,
        sale: SaleId,
        wanted: &Wanted,
        act: &Act,
        command: uuid::Uuid,
    ) -> Result<Refund, DatabaseError> {
        let mut transaction = self.begin().await?;
        let stored = closed_sale(&mut transaction, sale).await?;
        let refund = Refund::plan(refund, &stored.sale, &counted(&mut transaction, sale).await?, wanted)?;
        let mut standing = Standing::of(&mut transaction, sale).await?;
        let mut batch = Batch::default();
        insert(&mut batch, &refund, act)?;
        let body = json!({
            "sale": sale.to_string(), "total_minor": refund.portion.total.minor(), "tenders": told_tenders(&refund),
        });
        standing.head.append(&mut batch, act, "refund_opened", &refund.id.to_string(), body);
        remember(&mut batch, command, &refund.id.to_string());
        batch.run(&mut transaction).await?;
        self.commit(transaction, &standing.head).await?;
        Ok(refund)
    }

    /// Commits the intent to give the next part back by a device. Only after this may a byte leave.
    pub async fn intend_refund(&self, attempt: Attempt, act: &Act, command: uuid::Uuid) -> Result<CommittedIntent, DatabaseError> {
        let mut transaction = self.begin().await?;
        let mut stored = of_attempt(&mut transaction, &attempt).await?;
        settled(&mut transaction, stored.refund.id).await?;
        stored.refund.begin(&attempt)?;
        let mut standing = Standing::of(&mut transaction, attempt.sale).await?;
        let mut batch = Batch::default();
        attempt::insert_intent(&mut batch, &mut standing, &attempt, act, command);
        write_tenders(&mut batch, &stored.refund);
        batch.run(&mut transaction).await.map_err(attempt::open_on_device)?;
        self.commit_intent(transaction, &standing.head, attempt).await
    }

    /// What a device was to give back next goes back in cash.
    pub async fn refund_in_cash(&self, refund: RefundId, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let mut stored = open(&mut transaction, refund).await?;
        settled(&mut transaction, refund).await?;
        let amount = stored.refund.next().map(|next| next.amount.minor());
        stored.refund.give_in_cash()?;
        let mut standing = Standing::of(&mut transaction, stored.refund.of).await?;
        let mut batch = Batch::default();
        write_tenders(&mut batch, &stored.refund);
        standing.head.append(&mut batch, act, "refund_in_cash", &refund.to_string(), json!({ "amount_minor": amount }));
        batch.run(&mut transaction).await?;
        self.commit(transaction, &standing.head).await
    }

    /// The drawer gives what is left to give, and the refund is closed.
    pub async fn close_refund(&self, refund: RefundId, act: &Act, command: uuid::Uuid) -> Result<Closed, DatabaseError> {
        let mut transaction = self.begin().await?;
        let mut stored = open(&mut transaction, refund).await?;
        settled(&mut transaction, refund).await?;
        stored.refund.give_cash()?;
        let mut standing = Standing::of(&mut transaction, stored.refund.of).await?;
        let mut batch = Batch::default();
        write_tenders(&mut batch, &stored.refund);
        let closed = close(&mut batch, &mut standing, &stored.refund, act)?;
        remember(&mut batch, command, &refund.to_string());
        batch.run(&mut transaction).await?;
        self.commit(transaction, &standing.head).await?;
        Ok(closed)
    }

    /// Gives up a refund of which nothing has gone back.
    pub async fn void_refund(&self, refund: RefundId, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let stored = open(&mut transaction, refund).await?;
        settled(&mut transaction, refund).await?;
        if stored.refund.is_partly_given() {
            return Err(RefundError::PartlyGiven.into());
        }
        let mut standing = Standing::of(&mut transaction, stored.refund.of).await?;
        let mut batch = Batch::default();
        batch.then("UPDATE refund SET state = 'void' WHERE id = ?").bind(refund.to_string());
        let body = json!({ "total_minor": stored.refund.portion.total.minor() });
        standing.head.append(&mut batch, act, "refund_voided", &refund.to_string(), body);
        batch.run(&mut transaction).await?;
        self.commit(transaction, &standing.head).await
    }

    pub async fn refund(&self, refund: RefundId) -> Result<Option<StoredRefund>, DatabaseError> {
        let mut connection = self.reader.acquire().await?;
        load(&mut connection, refund).await
    }

    /// A closed refund by its receipt number.
    pub async fn refund_by_number(&self, number: i64) -> Result<Option<StoredRefund>, DatabaseError> {
        let mut connection = self.reader.acquire().await?;
        let found: Option<String> =
            sqlx::query_scalar("SELECT id FROM refund WHERE number = ?").bind(number).fetch_optional(&mut *connection).await?;
        match found {
            Some(found) => load(&mut connection, RefundId(id(&found)?)).await,
            None => Ok(None),
        }
    }

    /// The refunds of a sale, those given up too, oldest first.
    pub async fn refunds_of(&self, sale: SaleId) -> Result<Vec<StoredRefund>, DatabaseError> {
        let mut connection = self.reader.acquire().await?;
        all_of(&mut connection, sale).await
    }

    /// Refunds of which money has still to go back, oldest first.
    pub async fn open_refunds(&self) -> Result<Vec<StoredRefund>, DatabaseError> {
        let mut connection = self.reader.acquire().await?;
        let ids = sqlx::query_scalar("SELECT id FROM refund WHERE state = 'open' ORDER BY opened_at, id");
        load_all(ids.fetch_all(&mut *connection).await?, &mut connection).await
    }
}

/// Counts what a device gave back, in the commit of its answer. Where that was the last, the refund is closed.
pub(crate) async fn take(
    connection: &mut SqliteConnection,
    batch: &mut Batch,
    standing: &mut Standing,
    attempt: &Attempt,
    act: &Act,
) -> Result<Option<Closed>, DatabaseError> {
    let mut stored = of_attempt(connection, attempt).await?;
    stored.refund.take_device(attempt)?;
    write_tenders(batch, &stored.refund);
    if stored.refund.is_given() { close(batch, standing, &stored.refund, act).map(Some) } else { Ok(None) }
}

async fn of_attempt(connection: &mut SqliteConnection, attempt: &Attempt) -> Result<StoredRefund, DatabaseError> {
    let refund = attempt.refund.ok_or_else(|| damaged(format!("attempt {} belongs to no refund", attempt.id)))?;
    open(connection, refund).await
}

/// A refund that still takes something.
async fn open(connection: &mut SqliteConnection, refund: RefundId) -> Result<StoredRefund, DatabaseError> {
    let stored = load(connection, refund).await?.ok_or_else(|| DatabaseError::NotFound(format!("refund {refund}")))?;
    if stored.is_open() { Ok(stored) } else { Err(RefundError::NotNext.into()) }
}

/// Nothing else is done about a refund while a device may be giving it back, or has given what is not counted.
async fn settled(connection: &mut SqliteConnection, refund: RefundId) -> Result<(), DatabaseError> {
    let rows = sqlx::query("SELECT * FROM attempt WHERE refund_id = ?").bind(refund.to_string()).fetch_all(connection).await?;
    for row in &rows {
        let StoredAttempt { attempt, .. } = attempt::stored(row)?;
        if attempt.is_unsettled() {
            return Err(RefundError::InDoubt.into());
        }
    }
    Ok(())
}

async fn closed_sale(connection: &mut SqliteConnection, sale: SaleId) -> Result<StoredSale, DatabaseError> {
    let stored = load_sale(connection, sale).await?.ok_or_else(|| DatabaseError::NotFound(format!("sale {sale}")))?;
    if stored.closed.is_none() {
        return Err(RefundError::NotPaid.into());
    }
    Ok(stored)
}

/// The refunds of a sale that count: all but those given up.
async fn counted(connection: &mut SqliteConnection, sale: SaleId) -> Result<Vec<Refund>, DatabaseError> {
    let all = all_of(connection, sale).await?;
    Ok(all.into_iter().filter(|stored| !stored.void).map(|stored| stored.refund).collect())
}

fn insert(batch: &mut Batch, refund: &Refund, act: &Act) -> Result<(), DatabaseError> {
    let (key, portion) = (refund.id.to_string(), &refund.portion);
    batch
        .then(
            "INSERT INTO refund (id, sale_id, state, tax_added_minor, total_minor, rounding_minor, opened_at)
             VALUES (?, ?, 'open', ?, ?, ?, ?)",
        )
        .bind(key.as_str())
        .bind(refund.of.to_string())
        .bind(portion.tax_added.minor())
        .bind(portion.total.minor())
        .bind(rounding(refund)?.minor())
        .bind(stamp(&act.at));
    for line in &portion.lines {
        batch
            .then("INSERT INTO refund_line VALUES (?, ?, ?, ?, ?, ?, ?)")
            .bind(key.as_str())
            .bind(line.line)
            .bind(line.quantity_milli)
            .bind(line.gross.minor())
            .bind(line.discount.minor())
            .bind(line.cart_share.minor())
            .bind(line.sold.minor());
    }
    for row in &portion.taxes {
        batch
            .then("INSERT INTO refund_tax (refund_id, vat_bp, net_minor, tax_minor) VALUES (?, ?, ?, ?)")
            .bind(key.as_str())
            .bind(row.rate.basis_points())
            .bind(row.net.minor())
            .bind(row.tax.minor());
    }
    write_tenders(batch, refund);
    Ok(())
}

fn write_tenders(batch: &mut Batch, refund: &Refund) {
    let key = refund.id.to_string();
    batch.then("DELETE FROM refund_tender WHERE refund_id = ?").bind(key.as_str());
    for (ordinal, tender) in (0_i64..).zip(&refund.portion.tenders) {
        batch
            .then("INSERT INTO refund_tender VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)")
            .bind(key.as_str())
            .bind(ordinal)
            .bind(tender.kind.code())
            .bind(tender.amount.minor())
            .bind(tender.rounding.minor())
            .bind(tender.payment.map(|payment| payment.to_string()))
            .bind(tender.attempt.map(|attempt| attempt.to_string()))
            .bind(tender.given);
    }
}

/// Gives the number, counts the refund in its shift and writes it whole to the journal.
fn close(batch: &mut Batch, standing: &mut Standing, refund: &Refund, act: &Act) -> Result<Closed, DatabaseError> {
    if !refund.is_given() {
        return Err(damaged(format!("refund {} was about to close before all of it was given", refund.id)));
    }
    let key = refund.id.to_string();
    let closed = standing.next_closed(act);
    let shift = shift::add(batch, standing.shift, &shift::refunded(refund), act);
    batch
        .then(
            "UPDATE refund SET state = 'closed', number = ?, closed_at = ?, shift = ?,
             header = (SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'receipt_header') WHERE id = ?",
        )
        .bind(closed.number)
        .bind(closed.closed_at.clone())
        .bind(shift)
        .bind(key.as_str());
    batch.then("UPDATE refund_tender SET shift = ? WHERE refund_id = ?").bind(shift).bind(key.as_str());
    batch.then("UPDATE refund_tax SET shift = ? WHERE refund_id = ?").bind(shift).bind(key.as_str());
    standing.head.append(batch, act, "refund_closed", &key, facts(refund, closed.number)?);
    Ok(closed)
}

fn rounding(refund: &Refund) -> Result<Money, DatabaseError> {
    let roundings = refund.portion.tenders.iter().map(|tender| tender.rounding);
    Ok(Money::sum(refund.portion.total.currency(), roundings)?)
}

fn told_tenders(refund: &Refund) -> Vec<Value> {
    let told = |tender: &RefundTender| {
        json!({
            "kind": tender.kind.code(), "amount_minor": tender.amount.minor(), "rounding_minor": tender.rounding.minor(),
            "payment": tender.payment.map(|payment| payment.to_string()), "attempt": tender.attempt.map(|attempt| attempt.to_string()),
        })
    };
    refund.portion.tenders.iter().map(told).collect()
}

/// The refund in full, so that every figure can be derived from the journal alone.
fn facts(refund: &Refund, number: i64) -> Result<Value, DatabaseError> {
    let portion = &refund.portion;
    let lines: Vec<Value> = portion
        .lines
        .iter()
        .map(|line| {
            json!({
                "line": line.line, "quantity_milli": line.quantity_milli, "gross_minor": line.gross.minor(),
                "discount_minor": line.discount.minor(), "cart_share_minor": line.cart_share.minor(), "sold_minor": line.sold.minor(),
            })
        })
        .collect();
    Ok(json!({
        "number": number, "sale": refund.of.to_string(), "currency": portion.total.currency().facts().code,
        "tax_added_minor": portion.tax_added.minor(), "total_minor": portion.total.minor(), "rounding_minor": rounding(refund)?.minor(),
        "lines": lines, "taxes": told_taxes(&portion.taxes), "tenders": told_tenders(refund),
    }))
}

async fn all_of(connection: &mut SqliteConnection, sale: SaleId) -> Result<Vec<StoredRefund>, DatabaseError> {
    let ids = sqlx::query_scalar("SELECT id FROM refund WHERE sale_id = ? ORDER BY opened_at, id").bind(sale.to_string());
    load_all(ids.fetch_all(&mut *connection).await?, connection).await
}

async fn load_all(ids: Vec<String>, connection: &mut SqliteConnection) -> Result<Vec<StoredRefund>, DatabaseError> {
    let mut refunds = Vec::new();
    for found in ids {
        refunds.extend(load(connection, RefundId(id(&found)?)).await?);
    }
    Ok(refunds)
}

async fn load(connection: &mut SqliteConnection, refund: RefundId) -> Result<Option<StoredRefund>, DatabaseError> {
    let key = refund.to_string();
    let found = "SELECT refund.*, sale.currency, receipt_header.body FROM refund JOIN sale ON sale.id = refund.sale_id
                 LEFT JOIN receipt_header ON receipt_header.id = refund.header WHERE refund.id = ?";
    let Some(head) = sqlx::query(found).bind(&key).fetch_optional(&mut *connection).await? else { return Ok(None) };
    let currency = coded(&head.try_get::<String, _>("currency")?, Currency::from_code)?;
    let rows = sqlx::query("SELECT * FROM refund_line WHERE refund_id = ? ORDER BY line").bind(&key).fetch_all(&mut *connection).await?;
    let lines = rows.iter().map(|row| line(row, currency)).collect::<Result<Vec<_>, _>>()?;
    let rows =
        sqlx::query("SELECT * FROM refund_tax WHERE refund_id = ? ORDER BY vat_bp DESC").bind(&key).fetch_all(&mut *connection).await?;
    let taxes = rows.iter().map(|row| tax(row, currency)).collect::<Result<Vec<_>, _>>()?;
    let rows =
        sqlx::query("SELECT * FROM refund_tender WHERE refund_id = ? ORDER BY ordinal").bind(&key).fetch_all(&mut *connection).await?;
    let tenders = rows.iter().map(|row| tender(row, currency)).collect::<Result<Vec<_>, _>>()?;
    let closed = match (head.try_get::<Option<i64>, _>("number")?, head.try_get::<Option<String>, _>("closed_at")?) {
        (Some(number), Some(closed_at)) => Some(Closed { number, closed_at, header: head.try_get("body")? }),
        _ => None,
    };
    let portion = Portion {
        lines,
        taxes,
        tax_added: money(head.try_get("tax_added_minor")?, currency)?,
        total: money(head.try_get("total_minor")?, currency)?,
        tenders,
    };
    Ok(Some(StoredRefund {
        refund: Refund { id: refund, of: SaleId(id(&head.try_get::<String, _>("sale_id")?)?), portion },
        closed,
        void: head.try_get::<String, _>("state")? == "void",
        opened_at: head.try_get("opened_at")?,
    }))
}

fn line(row: &SqliteRow, currency: Currency) -> Result<RefundLine, DatabaseError> {
    Ok(RefundLine {
        line: row.try_get("line")?,
        quantity_milli: row.try_get("quantity_milli")?,
        gross: money(row.try_get("gross_minor")?, currency)?,
        discount: money(row.try_get("discount_minor")?, currency)?,
        cart_share: money(row.try_get("cart_share_minor")?, currency)?,
        sold: money(row.try_get("sold_minor")?, currency)?,
    })
}

fn tax(row: &SqliteRow, currency: Currency) -> Result<TaxLine, DatabaseError> {
    let rate = VatRate::from_basis_points(row.try_get("vat_bp")?).ok_or_else(|| damaged("a VAT rate"))?;
    let (net, tax) = (money(row.try_get("net_minor")?, currency)?, money(row.try_get("tax_minor")?, currency)?);
    Ok(TaxLine { rate, net, tax, gross: net.plus(tax)? })
}

fn tender(row: &SqliteRow, currency: Currency) -> Result<RefundTender, DatabaseError> {
    let attempt = |name: &str| -> Result<Option<AttemptId>, DatabaseError> {
        row.try_get::<Option<String>, _>(name)?.map(|found| Ok(AttemptId(id(&found)?))).transpose()
    };
    Ok(RefundTender {
        kind: coded(&row.try_get::<String, _>("kind")?, TenderKind::from_code)?,
        amount: money(row.try_get("amount_minor")?, currency)?,
        rounding: money(row.try_get("rounding_minor")?, currency)?,
        payment: attempt("payment_id")?,
        attempt: attempt("attempt_id")?,
        given: row.try_get("given")?,
    })
}
