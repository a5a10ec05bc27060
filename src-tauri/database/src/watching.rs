//! How long a device is asked about an attempt that a person has decided. The wall clock can be set, so what counts is the
//! time that has passed for certain on the machine's own clock.

use crate::attempt::{StoredAttempt, stored};
use crate::{DatabaseError, Ledger};

impl Ledger {
    /// Counts the time that has passed for the attempts decided by hand. On another run of the machine than at the last count
    /// at least the time since its start has; what lay between is not known and does not count.
    pub async fn count_time_passed(&self, boot: &str, up_ms: i64) -> Result<(), DatabaseError> {
        sqlx::query(
            "UPDATE attempt SET passed_boot = ?1, passed_up_ms = ?2, passed_ms = passed_ms + CASE
               WHEN passed_boot IS NULL THEN 0 WHEN passed_boot = ?1 THEN max(0, ?2 - passed_up_ms) ELSE ?2 END
             WHERE by_hand OR late_success",
        )
        .bind(boot)
        .bind(up_ms)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Attempts a person decided, for which less than `limit_ms` has passed.
    pub async fn attempts_decided_within(&self, limit_ms: i64) -> Result<Vec<StoredAttempt>, DatabaseError> {
        let rows =
            sqlx::query("SELECT * FROM attempt WHERE (by_hand OR late_success) AND by_hand AND passed_ms < ? ORDER BY started_at, id")
                .bind(limit_ms)
                .fetch_all(&self.reader)
                .await?;
        rows.iter().map(stored).collect()
    }
}
