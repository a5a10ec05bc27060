//! The open cart and the parked ones, in a file of their own: a cart survives a crash of the till without a disk sync
//! for every scan. A power cut may cost its last lines; a parked sale is synced when it is parked. Money is not in it:
//! part payments are in the ledger. What was allowed of prices lies here as well, until its sale is over.

use crate::DatabaseError;
use crate::discount::{self, StoredDiscount};
use crate::stored_sale::step;
use crate::text::{coded, damaged, id, money};
use checkout::discount::PriceReason;
use checkout::marking::Marking;
use checkout::money::{Currency, Money};
use checkout::payment::SaleId;
use checkout::people::Allowance;
use checkout::quantity::{Quantity, Unit};
use checkout::sale::{Good, Line, Sale};
use checkout::tax::VatRate;
use checkout::terms::{Terms, Vat};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqliteConnection, SqlitePool};
use std::path::Path;

pub struct Draft {
    pool: SqlitePool,
}

/// The cart on the disk.
#[derive(Serialize, Deserialize)]
struct StoredCart {
    sale: String,
    ticket: i64,
    currency: String,
    line_step_minor: i64,
    cash_step_minor: i64,
    vat: String,
    lines: Vec<StoredLine>,
    discounts: Vec<StoredDiscount>,
    reason: Option<String>,
    #[serde(default)]
    parked: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredLine {
    line: u32,
    item: i64,
    code: String,
    name: String,
    language: String,
    unit: String,
    quantity_milli: i64,
    price_minor: i64,
    own_price_minor: Option<i64>,
    vat_bp: Option<u32>,
    discounts: Vec<StoredDiscount>,
    reason: Option<String>,
    #[serde(default)]
    marking: Option<StoredMarking>,
}

#[derive(Serialize, Deserialize)]
struct StoredMarking {
    unit: String,
    raw: String,
}

/// A sale a cashier has put aside.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub sale: Sale,
    /// When it was put aside, as [`crate::stamp`] writes it.
    pub at: String,
}

/// Lines of a sale begin at 1.
const NO_LINE: u32 = 0;

impl Draft {
    /// Opens `DIR/draft.db`, making it where it is missing. A file that cannot be read is set aside: an open
    /// cart is never worth a till that does not start.
    pub async fn open(directory: &Path) -> Result<Draft, DatabaseError> {
        match Draft::open_file(directory).await {
            Ok(draft) => Ok(draft),
            Err(_) => {
                let file = directory.join("draft.db");
                std::fs::rename(&file, directory.join("draft.damaged.db"))?;
                for side in ["draft.db-wal", "draft.db-shm"] {
                    let _ = std::fs::remove_file(directory.join(side));
                }
                Draft::open_file(directory).await
            }
        }
    }

    async fn open_file(directory: &Path) -> Result<Draft, DatabaseError> {
        let options = SqliteConnectOptions::new()
            .filename(directory.join("draft.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::query("CREATE TABLE IF NOT EXISTS cart (slot INTEGER PRIMARY KEY CHECK (slot = 1), body TEXT NOT NULL) STRICT")
            .execute(&pool)
            .await?;
        sqlx::query("CREATE TABLE IF NOT EXISTS held (sale TEXT PRIMARY KEY, at TEXT NOT NULL, body TEXT NOT NULL) STRICT")
            .execute(&pool)
            .await?;
        sqlx::query(
            "CREATE TABLE IF NOT EXISTS allowed (sale TEXT, line INTEGER, basis_points INTEGER NOT NULL, off_minor INTEGER NOT NULL,
             PRIMARY KEY (sale, line)) STRICT, WITHOUT ROWID",
        )
        .execute(&pool)
        .await?;
        Ok(Draft { pool })
    }

    pub async fn save(&self, sale: &Sale) -> Result<(), DatabaseError> {
        save(&mut *self.pool.acquire().await?, sale).await
    }

    /// Puts a sale aside, or takes one back, or both: what lies in the cart and what lies aside changes in one commit,
    /// synced to the disk.
    pub async fn swap(&self, aside: Option<&Held>, back: Option<SaleId>, cart: &Sale) -> Result<(), DatabaseError> {
        let mut transaction = self.pool.begin().await?;
        if let Some(held) = aside {
            sqlx::query("INSERT INTO held (sale, at, body) VALUES (?, ?, ?) ON CONFLICT (sale) DO UPDATE SET body = excluded.body")
                .bind(held.sale.id.to_string())
                .bind(&held.at)
                .bind(body(&held.sale)?)
                .execute(&mut *transaction)
                .await?;
        }
        if let Some(back) = back {
            sqlx::query("DELETE FROM held WHERE sale = ?").bind(back.to_string()).execute(&mut *transaction).await?;
        }
        save(&mut transaction, cart).await?;
        transaction.commit().await?;
        // Commits of this file wait for no sync; a checkpoint brings all of them to the disk.
        sqlx::query("PRAGMA wal_checkpoint(FULL)").execute(&self.pool).await?;
        Ok(())
    }

    /// The sales put aside, oldest first; one that cannot be read is left where it is.
    pub async fn held(&self) -> Result<Vec<Held>, DatabaseError> {
        let rows: Vec<(String, String)> = sqlx::query_as("SELECT at, body FROM held ORDER BY at, sale").fetch_all(&self.pool).await?;
        let read = |(at, body): (String, String)| Some(Held { sale: restored(&serde_json::from_str(&body).ok()?).ok()?, at });
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// The cart as it was left; none where there is none, or where it cannot be read.
    pub async fn load(&self) -> Result<Option<Sale>, DatabaseError> {
        let body: Option<String> = sqlx::query_scalar("SELECT body FROM cart WHERE slot = 1").fetch_optional(&self.pool).await?;
        Ok(body.and_then(|body| restored(&serde_json::from_str(&body).ok()?).ok()))
    }

    /// Keeps what was allowed off a line of a sale; under no line, off the whole of it.
    pub async fn allow(&self, sale: SaleId, line: Option<u32>, allowance: Allowance) -> Result<(), DatabaseError> {
        sqlx::query("INSERT OR REPLACE INTO allowed VALUES (?, ?, ?, ?)")
            .bind(sale.to_string())
            .bind(line.unwrap_or(NO_LINE))
            .bind(allowance.basis_points)
            .bind(allowance.off_minor)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// What was allowed of these sales; that of others is forgotten.
    pub async fn allowed(&self, sales: &[SaleId]) -> Result<Vec<(SaleId, Option<u32>, Allowance)>, DatabaseError> {
        let open: Vec<String> = sales.iter().map(SaleId::to_string).collect();
        sqlx::query("DELETE FROM allowed WHERE sale NOT IN (SELECT value FROM json_each(?))")
            .bind(serde_json::json!(open).to_string())
            .execute(&self.pool)
            .await?;
        let rows: Vec<(String, u32, i64, i64)> = sqlx::query_as("SELECT * FROM allowed").fetch_all(&self.pool).await?;
        let read = |(sale, line, basis_points, off_minor): (String, u32, i64, i64)| {
            Ok((SaleId(id(&sale)?), (line != NO_LINE).then_some(line), Allowance { basis_points, off_minor }))
        };
        rows.into_iter().map(read).collect()
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

async fn save(connection: &mut SqliteConnection, sale: &Sale) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO cart (slot, body) VALUES (1, ?) ON CONFLICT (slot) DO UPDATE SET body = excluded.body")
        .bind(body(sale)?)
        .execute(connection)
        .await?;
    Ok(())
}

fn body(sale: &Sale) -> Result<String, DatabaseError> {
    serde_json::to_string(&stored(sale)).map_err(|error| damaged(error.to_string()))
}

fn stored(sale: &Sale) -> StoredCart {
    StoredCart {
        sale: sale.id.to_string(),
        ticket: sale.ticket,
        currency: sale.currency().facts().code.to_owned(),
        line_step_minor: sale.terms.line_step_minor,
        cash_step_minor: sale.terms.cash_step_minor,
        vat: sale.terms.vat.code().to_owned(),
        discounts: discount::stored(&sale.discounts),
        parked: sale.parked,
        reason: sale.reason.map(|reason| reason.code().to_owned()),
        lines: sale
            .lines
            .iter()
            .map(|line| StoredLine {
                line: line.id,
                item: line.good.item,
                code: line.good.code.clone(),
                name: line.good.name.clone(),
                language: line.good.language.clone(),
                unit: line.good.unit.code().to_owned(),
                quantity_milli: line.quantity.milli(),
                price_minor: line.good.price.minor(),
                own_price_minor: line.own_price.map(Money::minor),
                vat_bp: line.good.vat.map(VatRate::basis_points),
                discounts: discount::stored(&line.discounts),
                marking: line.marking.as_ref().map(|marking| StoredMarking { unit: marking.unit.clone(), raw: marking.raw.clone() }),
                reason: line.reason.map(|reason| reason.code().to_owned()),
            })
            .collect(),
    }
}

fn restored(cart: &StoredCart) -> Result<Sale, DatabaseError> {
    let currency = coded(&cart.currency, Currency::from_code)?;
    let mut lines = Vec::new();
    for line in &cart.lines {
        let unit = coded(&line.unit, Unit::from_code)?;
        lines.push(Line {
            id: line.line,
            good: Good {
                item: line.item,
                code: line.code.clone(),
                name: line.name.clone(),
                language: line.language.clone(),
                unit,
                price: money(line.price_minor, currency)?,
                vat: line.vat_bp.and_then(VatRate::from_basis_points),
            },
            quantity: Quantity::from_milli(line.quantity_milli, unit).map_err(|_| damaged("a quantity"))?,
            own_price: line.own_price_minor.map(|minor| money(minor, currency)).transpose()?,
            discounts: discount::restored(&line.discounts, currency)?,
            marking: line.marking.as_ref().map(|marking| Marking { unit: marking.unit.clone(), raw: marking.raw.clone() }),
            reason: line.reason.as_deref().and_then(PriceReason::from_code),
        });
    }
    let terms = Terms {
        currency,
        line_step_minor: step(cart.line_step_minor)?,
        cash_step_minor: step(cart.cash_step_minor)?,
        vat: coded(&cart.vat, Vat::from_code)?,
    };
    let discounts = discount::restored(&cart.discounts, currency)?;
    let mut sale = Sale::restore_stored(SaleId(id(&cart.sale)?), cart.ticket, terms, lines, discounts, Vec::new());
    sale.reason = cart.reason.as_deref().and_then(PriceReason::from_code);
    sale.parked = cart.parked;
    Ok(sale)
}
