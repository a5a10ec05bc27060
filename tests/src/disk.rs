//! A ledger that cannot be written: another program holds it.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;

pub struct Held(SqliteConnection);

impl Held {
    /// Nothing is written to the folder's ledger until it is let go.
    pub async fn of(data: &Path) -> Held {
        let mut connection = SqliteConnectOptions::new().filename(data.join("ledger.db")).connect().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
        Held(connection)
    }

    pub async fn let_go(self) {
        self.0.close().await.unwrap();
    }
}
