//! Several statements sent to the database's own thread at once: each trip there costs about as much as a statement.

use crate::DatabaseError;
use crate::text::damaged;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type};

/// Statements with plain `?` alone: values are bound one after the other over all of them. (`?3` would count from
/// the start of the batch, and values past the end would silently be NULL.)
#[derive(Default)]
pub(crate) struct Batch {
    sql: String,
    values: SqliteArguments,
}

impl Batch {
    /// The next statement; its values follow by [`Batch::bind`].
    pub(crate) fn then(&mut self, statement: &'static str) -> &mut Batch {
        self.sql.push_str(statement);
        self.sql.push(';');
        self
    }

    pub(crate) fn bind<'v>(&mut self, value: impl Encode<'v, Sqlite> + Type<Sqlite>) -> &mut Batch {
        // What cannot be bound leaves a value missing, which `run` refuses.
        let _ = self.values.add(value);
        self
    }

    /// Runs the statements in their order and stops at the first that fails; the caller's transaction undoes the rest.
    pub(crate) async fn run(self, connection: &mut SqliteConnection) -> Result<(), DatabaseError> {
        if self.sql.bytes().filter(|byte| *byte == b'?').count() != self.values.len() {
            return Err(damaged("a statement of the ledger: its values do not fit it"));
        }
        sqlx::query_with(AssertSqlSafe(self.sql), self.values).execute(connection).await?;
        Ok(())
    }
}
