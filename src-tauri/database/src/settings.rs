//! Settings: named texts. What they mean is the till's business.

use crate::journal::{Act, append};
use crate::{DatabaseError, Ledger};
use serde_json::json;
use sqlx::SqliteConnection;

impl Ledger {
    pub async fn setting(&self, name: &str) -> Result<Option<String>, DatabaseError> {
        Ok(sqlx::query_scalar("SELECT value FROM setting WHERE name = ?").bind(name).fetch_optional(&self.reader).await?)
    }

    /// Stores a setting and notes in the journal that it changed, not what it holds.
    pub async fn set_setting(&self, name: &str, value: &str, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        put(&mut transaction, name, value).await?;
        let head = append(&mut transaction, act, "setting_changed", name, json!({})).await?;
        self.commit(transaction, &head).await?;
        Ok(())
    }

    /// Stores the shop's settings with the header its receipts have from now on. Headers are kept by their content:
    /// sales closed under an earlier one go on naming it.
    pub async fn set_shop(&self, settings: &str, header: &str, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        sqlx::query("INSERT INTO receipt_header (body) VALUES (?) ON CONFLICT (body) DO NOTHING")
            .bind(header)
            .execute(&mut *transaction)
            .await?;
        let header: i64 =
            sqlx::query_scalar("SELECT id FROM receipt_header WHERE body = ?").bind(header).fetch_one(&mut *transaction).await?;
        put(&mut transaction, "shop", settings).await?;
        put(&mut transaction, "receipt_header", &header.to_string()).await?;
        let head = append(&mut transaction, act, "setting_changed", "shop", json!({})).await?;
        self.commit(transaction, &head).await?;
        Ok(())
    }
}

async fn put(connection: &mut SqliteConnection, name: &str, value: &str) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(name)
        .bind(value)
        .execute(connection)
        .await?;
    Ok(())
}
