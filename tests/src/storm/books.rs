//! The ledger file as a stranger reads it: with SQL alone, no code of the till.

use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions, Row, SqliteConnection};
use std::collections::BTreeMap;
use std::path::Path;

pub struct AttemptRow {
    pub id: String,
    pub sale: String,
    pub amount_minor: i64,
    pub state: String,
    pub by_hand: bool,
    pub late_success: bool,
    pub answered_minor: Option<i64>,
    pub operation: Option<String>,
}

pub struct SaleRow {
    pub id: String,
    pub state: String,
    pub number: Option<i64>,
    pub total_minor: i64,
    pub rounding_minor: i64,
}

pub struct TenderRow {
    pub sale: String,
    pub kind: String,
    pub amount_minor: i64,
    pub received_minor: i64,
    pub change_minor: i64,
    pub rounding_minor: i64,
    pub attempt: Option<String>,
}

pub struct RefundRow {
    pub id: String,
    pub sale: String,
    pub state: String,
    pub number: Option<i64>,
    pub total_minor: i64,
    pub rounding_minor: i64,
}

pub struct RefundTenderRow {
    pub refund: String,
    pub kind: String,
    pub amount_minor: i64,
    pub rounding_minor: i64,
    /// The payment it is taken from.
    pub payment: Option<String>,
    pub attempt: Option<String>,
    pub given: bool,
}

pub struct RefundLineRow {
    pub refund: String,
    pub line: i64,
    pub quantity_milli: i64,
    pub sold_minor: i64,
}

pub struct Fact {
    pub seq: i64,
    pub at: String,
    pub kind: String,
    pub subject: String,
    /// As it is stored.
    pub text: String,
    pub body: Value,
    /// The id and the name of who did it.
    pub who: Option<(String, String)>,
    pub hash: Vec<u8>,
}

pub struct Books {
    pub attempts: Vec<AttemptRow>,
    pub sales: Vec<SaleRow>,
    pub tenders: Vec<TenderRow>,
    pub refunds: Vec<RefundRow>,
    pub refund_tenders: Vec<RefundTenderRow>,
    pub refund_lines: Vec<RefundLineRow>,
    /// Σ of what each sale's lines are sold for.
    pub sold_minor: BTreeMap<String, i64>,
    /// Thousandths and money of each line of each sale.
    pub sold_lines: BTreeMap<(String, i64), (i64, i64)>,
    pub journal: Vec<Fact>,
    /// The kept totals, by figure and part, over all shifts.
    pub kept: BTreeMap<(String, String), i64>,
    pub commands: Vec<String>,
    pub integrity: String,
}

impl Books {
    pub async fn read(folder: &Path) -> Books {
        let options = SqliteConnectOptions::new().filename(folder.join("ledger.db")).read_only(true);
        let mut file = options.connect().await.unwrap();
        let attempts = all(&mut file, "SELECT * FROM attempt ORDER BY id", |row| AttemptRow {
            id: row.get("id"),
            sale: row.get("sale_id"),
            amount_minor: row.get("amount_minor"),
            state: row.get("state"),
            by_hand: row.get("by_hand"),
            late_success: row.get("late_success"),
            answered_minor: row.get("answered_minor"),
            operation: row.get("operation_id"),
        });
        let attempts = attempts.await;
        let sales = all(&mut file, "SELECT * FROM sale ORDER BY number, id", |row| SaleRow {
            id: row.get("id"),
            state: row.get("state"),
            number: row.get("number"),
            total_minor: row.get("total_minor"),
            rounding_minor: row.get("rounding_minor"),
        });
        let sales = sales.await;
        let tenders = all(&mut file, "SELECT * FROM tender ORDER BY sale_id, ordinal", |row| TenderRow {
            sale: row.get("sale_id"),
            kind: row.get("kind"),
            amount_minor: row.get("amount_minor"),
            received_minor: row.get("received_minor"),
            change_minor: row.get("change_minor"),
            rounding_minor: row.get("rounding_minor"),
            attempt: row.get("attempt_id"),
        });
        let tenders = tenders.await;
        let refunds = all(&mut file, "SELECT * FROM refund ORDER BY id", |row| RefundRow {
            id: row.get("id"),
            sale: row.get("sale_id"),
            state: row.get("state"),
            number: row.get("number"),
            total_minor: row.get("total_minor"),
            rounding_minor: row.get("rounding_minor"),
        });
        let refunds = refunds.await;
        let refund_tenders = all(&mut file, "SELECT * FROM refund_tender ORDER BY refund_id, ordinal", |row| RefundTenderRow {
            refund: row.get("refund_id"),
            kind: row.get("kind"),
            amount_minor: row.get("amount_minor"),
            rounding_minor: row.get("rounding_minor"),
            payment: row.get("payment_id"),
            attempt: row.get("attempt_id"),
            given: row.get("given"),
        });
        let refund_tenders = refund_tenders.await;
        let refund_lines = all(&mut file, "SELECT * FROM refund_line ORDER BY refund_id, line", |row| RefundLineRow {
            refund: row.get("refund_id"),
            line: row.get("line"),
            quantity_milli: row.get("quantity_milli"),
            sold_minor: row.get("sold_minor"),
        });
        let refund_lines = refund_lines.await;
        let lines = "SELECT sale_id, line, quantity_milli, sold_minor FROM sale_line";
        let sold_lines =
            all(&mut file, lines, |row| ((row.get("sale_id"), row.get("line")), (row.get("quantity_milli"), row.get("sold_minor"))));
        let sold_lines = sold_lines.await;
        let sold = "SELECT sale_id, sum(sold_minor) AS sold FROM sale_line GROUP BY sale_id";
        let sold_minor = all(&mut file, sold, |row| (row.get("sale_id"), row.get("sold"))).await;
        let journal = all(&mut file, "SELECT * FROM journal ORDER BY seq", |row| {
            let text: String = row.get("body");
            Fact {
                seq: row.get("seq"),
                at: row.get("at"),
                kind: row.get("kind"),
                subject: row.get("subject"),
                body: serde_json::from_str(&text).unwrap(),
                text,
                who: row.get::<Option<String>, _>("who").map(|who| (who, row.get("who_name"))),
                hash: row.get("hash"),
            }
        });
        let journal = journal.await;
        let kept = "SELECT figure, part, sum(amount) AS amount FROM shift_total GROUP BY figure, part";
        let kept = all(&mut file, kept, |row| ((row.get("figure"), row.get("part")), row.get("amount"))).await;
        let commands = all(&mut file, "SELECT id FROM command ORDER BY id", |row| row.get("id")).await;
        let integrity = all(&mut file, "PRAGMA integrity_check", |row| row.get::<String, _>(0)).await.join(", ");
        Books {
            attempts,
            sales,
            tenders,
            refunds,
            refund_tenders,
            refund_lines,
            sold_minor: sold_minor.into_iter().collect(),
            sold_lines: sold_lines.into_iter().collect(),
            journal,
            kept: kept.into_iter().collect(),
            commands,
            integrity,
        }
    }

    /// A hash of all facts but those of the set-up, which are written at the machine's own time.
    pub fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new();
        for fact in self.journal.iter().filter(|fact| !is_set_up(&fact.kind)) {
            hasher.update(format!("{}|{}|{}|{}|{}\n", fact.seq, fact.at, fact.kind, fact.subject, fact.text));
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn is_set_up(kind: &str) -> bool {
    ["setting_changed", "goods_imported"].contains(&kind)
}

async fn all<T>(file: &mut SqliteConnection, query: &'static str, read: impl Fn(&SqliteRow) -> T) -> Vec<T> {
    sqlx::query(query).fetch_all(file).await.unwrap().iter().map(read).collect()
}
