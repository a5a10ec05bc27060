//! The till's memory: one SQLite file for the ledger, one for the goods, one for the open cart.
//!
//! The ledger is written through one connection, in WAL with full synchronisation: what is answered as done
//! is on the disk. The write-ahead log is brought into the file beside the sales, not in their commits. Reading goes through others and never waits for writing.
//!
//! | family | file |
//! |---|---|
//! | the hash-chained journal, its head kept beside it | [`journal`], [`head`] |
//! | looking things up in the journal | [`audit`] |
//! | what is wrong with a damaged ledger, what of it can be saved | [`check`], [`rescue`] |
//! | sales, their lines and tenders: written, and read back | [`sale`], [`stored_sale`] |
//! | shifts and what their sales add up to | [`shift`] |
//! | marking codes, sold once | [`marking`] |
//! | refunds | [`refund`] |
//! | attempts to move money | [`attempt`] |
//! | how long a device is asked about a decided one | [`watching`] |
//! | goods | [`catalogue`], [`popular`], [`import`], [`search`] |
//! | people, and wrong tries at their PINs | [`people`] |
//! | settings | [`settings`] |
//! | the open cart | [`draft`] |

pub mod attempt;
pub mod audit;
mod batch;
pub mod catalogue;
pub mod check;
mod discount;
pub mod draft;
pub mod head;
pub mod import;
pub mod journal;
pub mod marking;
pub mod people;
mod popular;
pub mod refund;
pub mod rescue;
pub mod sale;
pub mod search;
pub mod settings;
pub mod shift;
pub mod stored_sale;
mod text;
mod upkeep;
pub mod watching;

use catalogue::Goods;
use checkout::sale::Sale;
use jiff::Zoned;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqlSafeStr, Sqlite, SqlitePool, Transaction};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// Older releases can corrupt a WAL database written and checkpointed from two connections.
const LEAST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// The write-ahead log grows no longer than this many pages of 4 KiB, whatever happens.
const LOG_PAGES_AT_MOST: &str = "10000";

/// So long the close is waited for; bringing a long log into the file takes a second.
const CLOSE_AT_MOST: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("this build carries SQLite {0}; Kassa needs 3.51.3 or newer")]
    SqliteTooOld(String),
    #[error("the database was written by a newer Kassa: {0}")]
    Newer(String),
    /// The file is not what Kassa wrote: it must not be sold on or summed up.
    #[error("the ledger is damaged: {0}")]
    Damaged(String),
    #[error("another payment is open on this device")]
    DeviceBusy,
    #[error("the payment rules refuse: {0}")]
    Illegal(#[from] checkout::payment::Illegal),
    #[error("the rules of the sale refuse: {0}")]
    Sale(#[from] checkout::sale::SaleError),
    #[error("the rules of refunds refuse: {0}")]
    Refund(#[from] checkout::refund::RefundError),
    #[error("there is no {0}")]
    NotFound(String),
    #[error("{0} is the name of somebody else")]
    NameTaken(String),
    #[error("the badge is somebody else's")]
    BadgeTaken,
    #[error("a shop has at least one owner")]
    LastOwner,
    #[error("the shop has people already")]
    HasPeople,
    #[error("the database could not be used: {0}")]
    Sql(sqlx::Error),
    #[error("the new catalogue could not be written ({0}); the old one stays in use. Is the disk full?")]
    Import(String),
    #[error("the import was stopped; the old catalogue stays in use")]
    Stopped,
    #[error("the journal could not be written out: {0}")]
    Export(#[from] std::io::Error),
}

impl DatabaseError {
    /// The disk could not be read or written, or what it holds is not what was written.
    pub fn is_of_the_disk(&self) -> bool {
        const IOERR: i64 = 10;
        match self {
            DatabaseError::Damaged(_) => true,
            DatabaseError::Sql(error) => {
                let code = error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<i64>().ok());
                code.is_some_and(|code| code & 0xff == IOERR)
            }
            _ => false,
        }
    }
}

/// What SQLite itself calls malformed or no database, and what does not read as it was written.
impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        const CORRUPT: i64 = 11;
        const NOT_A_DATABASE: i64 = 26;
        let code = error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<i64>().ok());
        let unreadable = matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_));
        match code.map(|code| code & 0xff) {
            Some(CORRUPT | NOT_A_DATABASE) => DatabaseError::Damaged(error.to_string()),
            _ if unreadable => DatabaseError::Damaged(error.to_string()),
            _ => DatabaseError::Sql(error),
        }
    }
}

impl From<checkout::money::MoneyError> for DatabaseError {
    fn from(error: checkout::money::MoneyError) -> Self {
        DatabaseError::Sale(error.into())
    }
}

/// The ledger file, and the catalogue file it names.
pub struct Ledger {
    writer: SqlitePool,
    reader: SqlitePool,
    directory: PathBuf,
    /// The goods in use; none before the first import.
    goods: RwLock<Option<Arc<Goods>>>,
    /// None where the ledger is only read, or where nothing can be written beside it.
    head: Option<head::HeadFile>,
    /// None where the ledger is only read.
    upkeep: Option<Arc<upkeep::Upkeep>>,
    /// One import at a time.
    importing: tokio::sync::Mutex<()>,
}

impl Ledger {
    /// Opens `DIR/ledger.db`, making it where it is missing, and brings its tables up to this release.
    pub async fn open(directory: &Path) -> Result<Ledger, DatabaseError> {
        let kept = head::read(directory);
        head::expect_ledger(directory, kept.as_ref())?;
        let options = SqliteConnectOptions::new()
            .filename(directory.join("ledger.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            // A bound alone: the log is brought in long before, by the upkeep.
            .pragma("wal_autocheckpoint", LOG_PAGES_AT_MOST);
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        check_version(&writer).await?;
        migrate(&writer).await?;
        let last = check::at_start(&writer, kept.as_ref()).await?;
        let reader = SqlitePoolOptions::new().max_connections(3).connect_with(options.clone().read_only(true)).await?;
        let upkeep = upkeep::Upkeep::new(writer.clone(), &options);
        let ledger =
            Ledger { head: head::HeadFile::open(directory, &last), ..Ledger::with_goods(directory, writer, reader, Some(upkeep)).await? };
        import::sweep(&ledger).await?;
        Ok(ledger)
    }

    async fn with_goods(
        directory: &Path,
        writer: SqlitePool,
        reader: SqlitePool,
        upkeep: Option<Arc<upkeep::Upkeep>>,
    ) -> Result<Ledger, DatabaseError> {
        let current: Option<i64> = sqlx::query_scalar("SELECT file FROM catalogue WHERE role = 'current'").fetch_optional(&reader).await?;
        let goods = catalogue::open(directory, current.unwrap_or(0)).await?;
        Ok(Ledger {
            writer,
            reader,
            directory: directory.to_owned(),
            head: None,
            goods: RwLock::new(goods),
            upkeep,
            importing: tokio::sync::Mutex::default(),
        })
    }

    /// The goods in use. A search under way keeps its file also when an import brings the next.
    pub(crate) fn goods(&self) -> Option<Arc<Goods>> {
        self.goods.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// After the commit of a sale's close: its goods are counted, and what the search keeps in memory follows.
    pub(crate) fn note_closed(&self, sale: &Sale) {
        if let Some(upkeep) = &self.upkeep {
            upkeep.sold(&sale.lines);
        }
        if let Some(goods) = self.goods() {
            goods.popular.sold(&sale.lines);
        }
    }

    /// Opens the ledger of another, running till for reading alone.
    pub async fn open_for_reading(directory: &Path) -> Result<Ledger, DatabaseError> {
        // Before the ledger: the other till writes it behind its commits.
        let kept = head::read(directory);
        let options = SqliteConnectOptions::new().filename(directory.join("ledger.db")).read_only(true).foreign_keys(true);
        let reader = SqlitePoolOptions::new().max_connections(2).connect_with(options).await?;
        check_version(&reader).await?;
        check::at_start(&reader, kept.as_ref()).await?;
        Ledger::with_goods(directory, reader.clone(), reader, None).await
    }

    /// Sold and not yet counted on the disk, by item.
    pub(crate) fn uncounted(&self) -> BTreeMap<i64, i64> {
        self.upkeep.as_ref().map(|upkeep| upkeep.uncounted()).unwrap_or_default()
    }

    /// Takes the write lock at once: a transaction that reads first and writes later could be refused half-way.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, DatabaseError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// What was written is on the disk when this answers.
    async fn commit(&self, transaction: Transaction<'static, Sqlite>, head: &journal::Head) -> Result<(), DatabaseError> {
        transaction.commit().await?;
        if let Some(file) = &self.head {
            file.keep(head);
        }
        if let Some(upkeep) = &self.upkeep {
            upkeep.committed();
        }
        Ok(())
    }

    /// A failing disk can keep the files from ever being closed. Nothing hangs on it: what was answered is synced.
    pub async fn close(&self) {
        let _ = tokio::time::timeout(CLOSE_AT_MOST, self.close_files()).await;
    }

    async fn close_files(&self) {
        if let Some(upkeep) = &self.upkeep {
            upkeep.close().await;
        }
        if let Some(goods) = self.goods() {
            goods.file.close().await;
        }
        self.reader.close().await;
        self.writer.close().await;
    }

    /// The first answer to a command, where it was given before.
    pub async fn answered(&self, command: uuid::Uuid) -> Result<Option<String>, DatabaseError> {
        let answer =
            sqlx::query_scalar("SELECT answer FROM command WHERE id = ?").bind(command.to_string()).fetch_optional(&self.reader).await?;
        Ok(answer)
    }
}

async fn check_version(pool: &SqlitePool) -> Result<(), DatabaseError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    if (part(), part(), part()) < LEAST_SQLITE {
        return Err(DatabaseError::SqliteTooOld(version));
    }
    Ok(())
}

async fn migrate(pool: &SqlitePool) -> Result<(), DatabaseError> {
    let first = Migration::new(
        1,
        "first".into(),
        MigrationType::Simple,
        AssertSqlSafe(include_str!("../migrations/0001_first.sql")).into_sql_str(),
        false,
    );
    Migrator::with_migrations(vec![first]).run(pool).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => DatabaseError::Newer(other.to_string()),
    })
}

/// A moment as it is stored: local time with its offset, so that both the instant and the wall clock are kept.
/// Milliseconds are enough: order is never taken from it.
pub fn stamp(at: &Zoned) -> String {
    let moment = at.timestamp();
    let moment = moment.round(jiff::Unit::Millisecond).unwrap_or(moment);
    moment.display_with_offset(at.offset()).to_string()
}
