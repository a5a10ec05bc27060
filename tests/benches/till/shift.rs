//! G8: what a shift comes to, at 10 000, 100 000 and 1 000 000 sales: added up from the sales, beside the bare SQL aggregates on the same
//! file; and as the totals are kept with each sale.

use acceptance::measure::{Pairs, Report, quantile, timed};
use checkout::money::Currency;
use database::Ledger;
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::runtime::Runtime;

const ROUNDS: usize = 11;

/// Closed sales of two VAT rates, cash and Kaspi by turns, and the totals they come to; written past the ledger.
const FILL: &str = "
INSERT INTO shift (number, opened_at) VALUES (1, '2026-01-01T09:00:00+05:00');
CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :SALES:) SELECT i FROM n;
INSERT INTO sale (id, ticket, state, currency, number, line_step_minor, cash_step_minor, vat, discounts, discount_minor, line_discount_minor,
  tax_added_minor, total_minor, rounding_minor, opened_at, closed_at, shift) SELECT printf('01987f2e-8a3c-7d10-9a55-%012x', i), i, 'closed', 'KZT', i, 100, 100, 'included', '[]', i % 3 * 100, i % 5 * 100,
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

pub fn run(runtime: &Runtime, report: &mut Report) {
    let mut points = Vec::new();
    for sales in [10_000_u32, 100_000, 1_000_000] {
        let folder = tempfile::tempdir().unwrap();
        let (mut hand, ledger) = runtime.block_on(async {
            Ledger::open(folder.path()).await.unwrap().close().await;
            let options = SqliteConnectOptions::new().filename(folder.path().join("ledger.db")).synchronous(SqliteSynchronous::Off);
            let mut hand = options.connect().await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(FILL.replace(":SALES:", &sales.to_string()))).execute(&mut hand).await.unwrap();
            (hand, Ledger::open(folder.path()).await.unwrap())
        });
        let (mut pairs, mut kept) = (Pairs::default(), Vec::new());
        for _ in 0..ROUNDS {
            pairs.ours(|| {
                runtime.block_on(ledger.recount_shift(Currency::Kzt)).unwrap();
            });
            pairs.baseline(|| {
                for query in BARE {
                    runtime.block_on(sqlx::query(query).fetch_all(&mut hand)).unwrap();
                }
            });
            kept.push(timed(|| {
                runtime.block_on(ledger.shift(Currency::Kzt)).unwrap();
            }));
        }
        let (shift, recount) = runtime.block_on(async { (ledger.shift(Currency::Kzt).await, ledger.recount_shift(Currency::Kzt).await) });
        assert_eq!(shift.unwrap(), recount.unwrap(), "kept and counted");
        points.push((f64::from(sales), quantile(pairs.own(), 0.5)));
        report.ratio("G8", &format!("a shift of {sales} sales, counted from them"), &pairs, 1.5, 2.0);
        let kept_ms = quantile(&kept, 0.99) / 1e3;
        let what = format!("a shift of {sales} sales, as kept");
        report.figure(
            "G8",
            &what,
            format!("p99 {kept_ms:.2} ms"),
            "≤ 50 ms",
            Some(kept_ms <= 50.0),
            serde_json::json!({ "p99_ms": kept_ms }),
        );
        runtime.block_on(async {
            hand.close().await.unwrap();
            ledger.close().await;
        });
    }
    let ((few, quick), (many, slow)) = (points[0], points[points.len() - 1]);
    let exponent = (slow / quick).ln() / (many / few).ln();
    let met = Some(exponent <= 1.05);
    report.figure(
        "G8",
        "growth of the count with the sales",
        format!("exponent {exponent:.2}"),
        "≤ 1.05",
        met,
        serde_json::json!({ "exponent": exponent }),
    );
}
