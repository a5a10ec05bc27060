//! G8: the totals of a shift at 10 000, 100 000 and 1 000 000 sales: added up from the sales, against the bare SQL
//! aggregates on the same file, and as they are kept. `cargo run --release -p database --example shift_at_size`.

use checkout::money::Currency;
use database::Ledger;
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use std::time::Instant;

const ROUNDS: usize = 7;

/// Closed sales of two VAT rates, cash and Kaspi by turns, and the totals they come to; written past the ledger.
const FILL: &str = "
INSERT INTO shift (number, opened_at) VALUES (1, '2026-01-01T09:00:00+05:00');
CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :SALES:) SELECT i FROM n;
INSERT INTO sale SELECT printf('01987f2e-8a3c-7d10-9a55-%012x', i), i, 'closed', 'KZT', i, 100, 100, 'included', '[]', i % 3 * 100, i % 5 * 100,
  0, 100000 + i % 1000 * 100, 0, '2026-01-01T10:00:00+05:00', '2026-01-01T10:00:00+05:00', 1 FROM n;
INSERT INTO sale_tax SELECT printf('01987f2e-8a3c-7d10-9a55-%012x', i), 1600, 50000 + i % 1000, 8000 + i % 160, 1 FROM n;
INSERT INTO tender SELECT printf('01987f2e-8a3c-7d10-9a55-%012x', i), 0, iif(i % 2, 'cash', 'kaspi'), 100000 + i % 1000 * 100,
  100000 + i % 1000 * 100, 0, 0, NULL, 1 FROM n;
INSERT INTO shift_total SELECT 1, 'sales', '', count(*) FROM sale;
INSERT INTO shift_total SELECT 1, 'total', '', sum(total_minor) FROM sale;
INSERT INTO shift_total SELECT 1, 'discount', '', sum(discount_minor + line_discount_minor) FROM sale;
INSERT INTO shift_total SELECT 1, 'tax_net', '1600', sum(net_minor) FROM sale_tax;
INSERT INTO shift_total SELECT 1, 'tax', '1600', sum(tax_minor) FROM sale_tax;
INSERT INTO shift_total SELECT 1, 'tenders', kind, count(*) FROM tender GROUP BY kind;
INSERT INTO shift_total SELECT 1, 'received', kind, sum(received_minor) FROM tender GROUP BY kind;
INSERT INTO shift_total SELECT 1, 'change', kind, sum(change_minor) FROM tender GROUP BY kind;
";

const BARE: [&str; 3] = [
    "SELECT count(*), sum(total_minor), sum(discount_minor), sum(line_discount_minor) FROM sale",
    "SELECT vat_bp, sum(net_minor), sum(tax_minor) FROM sale_tax GROUP BY vat_bp",
    "SELECT kind, count(*), sum(received_minor), sum(change_minor), sum(rounding_minor) FROM tender GROUP BY kind",
];

fn median(times: &mut [u128]) -> u128 {
    times.sort_unstable();
    times[times.len() / 2].max(1)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut points = Vec::new();
    for sales in [10_000_u32, 100_000, 1_000_000] {
        let folder = tempfile::tempdir()?;
        Ledger::open(folder.path()).await?.close().await;
        let options = SqliteConnectOptions::new().filename(folder.path().join("ledger.db")).synchronous(SqliteSynchronous::Off);
        let mut hand = options.connect().await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(FILL.replace(":SALES:", &sales.to_string()))).execute(&mut hand).await?;
        let ledger = Ledger::open(folder.path()).await?;
        let (mut bare, mut counted, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for query in BARE {
                sqlx::query(query).fetch_all(&mut hand).await?;
            }
            bare.push(start.elapsed().as_micros());
            let start = Instant::now();
            let recount = ledger.recount_shift(Currency::Kzt).await?;
            counted.push(start.elapsed().as_micros());
            let start = Instant::now();
            let shift = ledger.shift(Currency::Kzt).await?;
            kept.push(start.elapsed().as_micros());
            assert_eq!(shift, recount, "kept and counted");
        }
        let (bare, counted, kept) = (median(&mut bare), median(&mut counted), median(&mut kept));
        points.push(counted);
        println!(
            "G8   {sales:>8} sales: counted {counted} µs = {} % of the bare {bare} µs (target ≤ 150 %); kept {kept} µs (target ≤ 50 000)",
            counted * 100 / bare
        );
        hand.close().await?;
        ledger.close().await;
    }
    // A hundred times the sales: an exponent of 105/100 is 126 times the time.
    if let (Some(few), Some(many)) = (points.first(), points.last()) {
        println!("G8   counting a million takes {} times as long as ten thousand (target ≤ 126)", many / few);
    }
    Ok(())
}
