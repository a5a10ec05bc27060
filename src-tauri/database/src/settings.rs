//! Settings: named texts. What they mean is the till's business.

use crate::journal::append;
use crate::{DatabaseError, Ledger};
use jiff::Zoned;
use serde_json::json;

impl Ledger {
    pub async fn setting(&self, name: &str) -> Result<Option<String>, DatabaseError> {
        Ok(sqlx::query_scalar("SELECT value FROM setting WHERE name = ?").bind(name).fetch_optional(&self.reader).await?)
    }

    /// Stores a setting and notes in the journal that it changed, not what it holds.
    pub async fn set_setting(&self, name: &str, value: &str, at: &Zoned) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        sqlx::query("INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
            .bind(name)
            .bind(value)
            .execute(&mut *transaction)
            .await?;
        append(&mut transaction, at, "setting_changed", name, json!({})).await?;
        self.commit(transaction).await?;
        Ok(())
    }
}
