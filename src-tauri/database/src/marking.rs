//! Marking codes of sales: one unit is sold once.

use crate::{DatabaseError, Ledger};
use checkout::marking::MarkingError;
use checkout::payment::SaleId;
use checkout::sale::{Sale, SaleError};
use sqlx::{SqliteConnection, SqliteExecutor};

impl Ledger {
    /// Refuses a unit that another sale has sold, or holds while it waits to be paid. One that came back can be sold again.
    pub async fn check_unsold(&self, unit: &str, sale: SaleId) -> Result<(), DatabaseError> {
        refuse_sold(&self.reader, &[unit], sale).await
    }
}

/// The same for all units of a sale, where the sale is about to be written.
pub(crate) async fn check(connection: &mut SqliteConnection, sale: &Sale) -> Result<(), DatabaseError> {
    let units: Vec<&str> = sale.lines.iter().filter_map(|line| line.marking.as_ref()).map(|marking| marking.unit.as_str()).collect();
    if units.is_empty() { Ok(()) } else { refuse_sold(connection, &units, sale.id).await }
}

async fn refuse_sold(database: impl SqliteExecutor<'_>, units: &[&str], sale: SaleId) -> Result<(), DatabaseError> {
    let sold: Option<String> = sqlx::query_scalar(
        "SELECT l.marking_unit FROM json_each(?) AS wanted JOIN sale_line l ON l.marking_unit = wanted.value JOIN sale s ON s.id = l.sale_id
         WHERE s.state <> 'void' AND s.id <> ? AND NOT EXISTS (
           SELECT 1 FROM refund r JOIN refund_line b ON b.refund_id = r.id
           WHERE r.sale_id = s.id AND r.state = 'closed' AND b.line = l.line AND b.quantity_milli > 0) LIMIT 1",
    )
    .bind(serde_json::json!(units).to_string())
    .bind(sale.to_string())
    .fetch_optional(database)
    .await?;
    sold.map_or(Ok(()), |unit| Err(SaleError::from(MarkingError::Sold(unit)).into()))
}
