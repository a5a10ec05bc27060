//! Importing goods: the next catalogue file is built beside the one in use and then named in one small commit.
//!
//! Sales go on meanwhile, for the ledger is not touched until that commit. A process killed before it leaves the old
//! catalogue in use and a stray file that the next start sweeps away. The file before the last import is kept for undo.

use crate::catalogue::{Goods, Item, SHAPE, file_of, open, searchable};
use crate::journal::{Act, append};
use crate::{DatabaseError, Ledger};
use checkout::tax::VatRate;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, QueryBuilder, Row, Sqlite, SqliteConnection, SqlitePool};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use tokio::sync::MutexGuard;

/// What an import would change, or changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    pub added: i64,
    pub updated: i64,
    /// In the file, and already so in the catalogue.
    pub unchanged: i64,
}

/// A row that cannot go beside another row or beside a good of the catalogue. Rows are those the caller gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    pub row: usize,
    pub what: String,
    pub with: ClashWith,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClashWith {
    /// Both rows describe the same good of the catalogue.
    Row(usize),
    /// The barcode belongs to this other good, which the file does not speak of.
    Good(String),
}

/// The next catalogue while it is built. Dropped before it is finished, it leaves nothing behind.
pub struct Staging<'a> {
    ledger: &'a Ledger,
    /// One import at a time; trying is not one.
    _turn: Option<MutexGuard<'a, ()>>,
    connection: SqliteConnection,
    old: Option<Arc<Goods>>,
    /// None where the import is only tried: there is nothing to take into use then.
    part: Option<Part>,
    next_id: i64,
    /// Goods of the old catalogue that the file speaks of, with the row that did.
    known: HashMap<i64, usize>,
    /// Barcodes that another good of the old catalogue has.
    claims: Vec<(usize, String, i64, String)>,
}

/// The unfinished file, and the number of the catalogue it becomes.
struct Part {
    path: PathBuf,
    number: i64,
}

impl Drop for Part {
    fn drop(&mut self) {
        // Where it is finished it has its name by now; what cannot be removed the next start sweeps away.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn unwritten(error: sqlx::Error) -> DatabaseError {
    match error.as_database_error() {
        Some(told) => DatabaseError::Import(told.message().to_owned()),
        None => DatabaseError::Import(error.to_string()),
    }
}

impl Ledger {
    /// Begins the next catalogue. One at a time: a second caller waits for the first.
    pub async fn stage(&self) -> Result<Staging<'_>, DatabaseError> {
        let turn = self.importing.lock().await;
        let newest: Option<i64> = sqlx::query_scalar("SELECT max(file) FROM catalogue").fetch_one(&self.reader).await?;
        let number = newest.unwrap_or(0) + 1;
        let part = Part { path: self.directory.join(format!("catalogue-{number}.part")), number };
        let _ = std::fs::remove_file(&part.path);
        self.staging(Some(part), Some(turn)).await
    }

    /// Tries an import: the same reading and comparing, in a file that SQLite keeps elsewhere and removes itself. The
    /// till's folder is not written, so it also goes beside another, running till.
    pub async fn try_out(&self) -> Result<Staging<'_>, DatabaseError> {
        self.staging(None, None).await
    }

    async fn staging<'a>(&'a self, part: Option<Part>, turn: Option<MutexGuard<'a, ()>>) -> Result<Staging<'a>, DatabaseError> {
        // No name is a temporary file of SQLite's own. Nothing here is worth keeping until the whole is: no journal, no waiting for the disk before the end.
        let mut connection = SqliteConnectOptions::new()
            .filename(part.as_ref().map_or(Path::new(""), |part| &part.path))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .locking_mode(SqliteLockingMode::Exclusive)
            .pragma("cache_size", "-65536")
            .foreign_keys(false)
            .connect()
            .await
            .map_err(unwritten)?;
        let shape = format!("{}\nPRAGMA user_version = {SHAPE};", include_str!("../migrations/catalogue.sql"));
        sqlx::raw_sql(AssertSqlSafe(shape)).execute(&mut connection).await.map_err(unwritten)?;
        let old = self.goods();
        // An id is never given twice, not even after an undone import: sales remember it.
        let given: Option<i64> = sqlx::query_scalar("SELECT value FROM counter WHERE name = 'item'").fetch_optional(&self.reader).await?;
        let next_id = given.unwrap_or(0) + 1;
        Ok(Staging { ledger: self, _turn: turn, connection, old, part, next_id, known: HashMap::new(), claims: Vec::new() })
    }

    /// Whether there is a catalogue before the last import to go back to.
    pub async fn can_undo_import(&self) -> Result<bool, DatabaseError> {
        let previous: i64 = sqlx::query_scalar("SELECT count(*) FROM catalogue WHERE role = 'previous'").fetch_one(&self.reader).await?;
        Ok(previous > 0)
    }

    /// Takes the catalogue before the last import into use again. Once: there is one step back.
    pub async fn undo_import(&self, act: &Act) -> Result<(), DatabaseError> {
        let _turn = self.importing.lock().await;
        let mut transaction = self.begin().await?;
        let previous: Option<i64> =
            sqlx::query_scalar("SELECT file FROM catalogue WHERE role = 'previous'").fetch_optional(&mut *transaction).await?;
        let previous = previous.ok_or_else(|| DatabaseError::NotFound("import that could be undone".to_owned()))?;
        let goods = open(&self.directory, previous).await?;
        sqlx::query("DELETE FROM catalogue WHERE role = 'previous'").execute(&mut *transaction).await?;
        sqlx::query("UPDATE catalogue SET file = ? WHERE role = 'current'").bind(previous).execute(&mut *transaction).await?;
        let head = append(&mut transaction, act, "goods_import_undone", "catalogue", json!({"file": previous})).await?;
        self.commit(transaction, &head).await?;
        self.take_into_use(goods).await?;
        Ok(())
    }

    async fn take_into_use(&self, goods: Option<Arc<Goods>>) -> Result<(), DatabaseError> {
        let before = std::mem::replace(&mut *self.goods.write().unwrap_or_else(PoisonError::into_inner), goods);
        drop(before);
        sweep(self).await
    }
}

impl Staging<'_> {
    /// Adds rows with their numbers. A good is known by its code, or by its first barcode where it has none.
    /// Answers the rows that cannot go in; those are left out.
    pub async fn add(&mut self, rows: Vec<(usize, Item)>) -> Result<Vec<Clash>, DatabaseError> {
        let owners = Owners::of(self.old.as_ref().map(|old| &old.file), &rows).await?;
        let mut clashes = Vec::new();
        let mut taken = Vec::with_capacity(rows.len());
        for (row, mut item) in rows {
            let known = match (&item.code, item.barcodes.first()) {
                (Some(code), _) => owners.by_code.get(code).copied(),
                (None, Some(barcode)) => owners.by_barcode.get(barcode).map(|owner| owner.id),
                (None, None) => None,
            };
            if item.code.is_none() {
                item.code = item.barcodes.first().and_then(|barcode| owners.by_barcode.get(barcode)).and_then(|owner| owner.code.clone());
            }
            let id = known.unwrap_or(self.next_id);
            if known.is_none() {
                self.next_id += 1;
            } else if let Some(first) = self.known.insert(id, row) {
                let what = item.code.clone().or_else(|| item.barcodes.first().cloned()).unwrap_or_default();
                clashes.push(Clash { row, what, with: ClashWith::Row(first) });
                continue;
            }
            for barcode in &item.barcodes {
                if let Some(owner) = owners.by_barcode.get(barcode).filter(|owner| owner.id != id) {
                    self.claims.push((row, barcode.clone(), owner.id, owner.name.clone()));
                }
            }
            taken.push((id, item));
        }
        insert(&mut self.connection, &taken).await.map_err(unwritten)?;
        Ok(clashes)
    }

    /// After the last row: barcodes taken from goods that the file does not speak of, and what the import changes.
    pub async fn compare(&mut self) -> Result<(Vec<Clash>, Imported), DatabaseError> {
        let mut clashes = Vec::new();
        for (row, barcode, owner, name) in std::mem::take(&mut self.claims) {
            if !self.known.contains_key(&owner) {
                clashes.push(Clash { row, what: barcode, with: ClashWith::Good(name) });
            }
        }
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM item").fetch_one(&mut self.connection).await?;
        let mut unchanged = 0;
        if self.old.is_some() && !self.known.is_empty() {
            self.attach_old().await?;
            unchanged = sqlx::query_scalar(
                "SELECT count(*) FROM main.item n JOIN old.item o ON o.id = n.id
                 WHERE (n.code, n.barcodes, n.name, n.name_kk, n.name_ru, n.short_name, n.unit, n.price_minor, n.vat_bp, n.grp, n.stock_milli,
                 n.marked, n.quick_key) IS (o.code, o.barcodes, o.name, o.name_kk, o.name_ru, o.short_name, o.unit, o.price_minor, o.vat_bp,
                 o.grp, o.stock_milli, o.marked, o.quick_key)",
            )
            .fetch_one(&mut self.connection)
            .await?;
            sqlx::query("DETACH DATABASE old").execute(&mut self.connection).await?;
        }
        let known = self.known.len() as i64;
        Ok((clashes, Imported { added: rows - known, updated: known - unchanged, unchanged }))
    }

    async fn attach_old(&mut self) -> Result<(), DatabaseError> {
        let current: i64 = sqlx::query_scalar("SELECT file FROM catalogue WHERE role = 'current'").fetch_one(&self.ledger.reader).await?;
        let path = file_of(&self.ledger.directory, current);
        sqlx::query("ATTACH DATABASE ? AS old").bind(path.display().to_string()).execute(&mut self.connection).await.map_err(unwritten)?;
        Ok(())
    }

    /// Adds the goods the file does not speak of, builds the indexes, and takes the catalogue into use.
    /// `stopped` is asked before the last step; from there on the import is done.
    pub async fn finish(mut self, imported: Imported, act: &Act, stopped: impl Fn() -> bool) -> Result<(), DatabaseError> {
        let Some(part) = self.part.take() else {
            return Err(DatabaseError::Import("it was only tried".to_owned()));
        };
        if self.old.is_some() {
            self.attach_old().await?;
            let kept = "INSERT INTO main.item SELECT * FROM old.item o WHERE NOT EXISTS (SELECT 1 FROM main.item n WHERE n.id = o.id)";
            sqlx::query(kept).execute(&mut self.connection).await.map_err(unwritten)?;
            sqlx::query("DETACH DATABASE old").execute(&mut self.connection).await.map_err(unwritten)?;
        }
        // Sorted: each page of the barcode table is then written once.
        let single = "INSERT INTO item_barcode SELECT barcode, id FROM (
                        SELECT barcodes AS barcode, id FROM item WHERE barcodes <> '' AND instr(barcodes, '|') = 0
                        UNION ALL SELECT * FROM (
                          WITH RECURSIVE part (id, head, rest) AS (
                            SELECT id, '', barcodes || '|' FROM item WHERE instr(barcodes, '|') > 0
                            UNION ALL
                            SELECT id, substr(rest, 1, instr(rest, '|') - 1), substr(rest, instr(rest, '|') + 1) FROM part WHERE rest <> ''
                          ) SELECT head, id FROM part WHERE head <> ''
                        )
                      ) ORDER BY barcode";
        sqlx::query(single).execute(&mut self.connection).await.map_err(unwritten)?;
        if stopped() {
            return Err(DatabaseError::Stopped);
        }
        sqlx::raw_sql(include_str!("../migrations/catalogue_index.sql")).execute(&mut self.connection).await.map_err(unwritten)?;
        if stopped() {
            return Err(DatabaseError::Stopped);
        }
        let Staging { ledger, connection, next_id, .. } = self;
        connection.close().await.map_err(unwritten)?;
        keep(&part.path, &file_of(&ledger.directory, part.number)).map_err(|error| DatabaseError::Import(error.to_string()))?;
        let goods = open(&ledger.directory, part.number).await?;
        let mut transaction = ledger.begin().await?;
        sqlx::raw_sql(
            "INSERT INTO catalogue VALUES ('current', 0) ON CONFLICT DO NOTHING;
             INSERT OR REPLACE INTO catalogue SELECT 'previous', file FROM catalogue WHERE role = 'current';",
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE catalogue SET file = ? WHERE role = 'current'").bind(part.number).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO counter VALUES ('item', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
            .bind(next_id - 1)
            .execute(&mut *transaction)
            .await?;
        let facts = json!({"added": imported.added, "updated": imported.updated, "unchanged": imported.unchanged, "file": part.number});
        let head = append(&mut transaction, act, "goods_imported", "catalogue", facts).await?;
        ledger.commit(transaction, &head).await?;
        ledger.take_into_use(goods).await
    }
}

/// On the disk under its lasting name before the ledger speaks of it.
fn keep(part: &Path, name: &Path) -> std::io::Result<()> {
    std::fs::File::options().write(true).open(part)?.sync_all()?;
    std::fs::rename(part, name)?;
    #[cfg(unix)]
    if let Some(directory) = name.parent() {
        std::fs::File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Removes catalogue files the ledger does not name: what a killed import left, and what lies more than one step back.
pub(crate) async fn sweep(ledger: &Ledger) -> Result<(), DatabaseError> {
    let named: Vec<i64> = sqlx::query_scalar("SELECT file FROM catalogue").fetch_all(&ledger.reader).await?;
    let keep: Vec<PathBuf> = named.iter().map(|number| file_of(&ledger.directory, *number)).collect();
    for entry in std::fs::read_dir(&ledger.directory)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("catalogue-") && !keep.contains(&entry.path()) {
            // One that is still open somewhere goes at a later start.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Who has the codes and barcodes of some rows in the old catalogue.
struct Owners {
    by_code: HashMap<String, i64>,
    by_barcode: HashMap<String, Owner>,
}

struct Owner {
    id: i64,
    code: Option<String>,
    name: String,
}

impl Owners {
    async fn of(old: Option<&SqlitePool>, rows: &[(usize, Item)]) -> Result<Owners, DatabaseError> {
        let mut owners = Owners { by_code: HashMap::new(), by_barcode: HashMap::new() };
        let Some(old) = old else { return Ok(owners) };
        let codes: Vec<&String> = rows.iter().filter_map(|(_, item)| item.code.as_ref()).collect();
        let barcodes: Vec<&String> = rows.iter().flat_map(|(_, item)| &item.barcodes).collect();
        let by_code = "SELECT i.code, i.id FROM json_each(?) AS wanted JOIN item i ON i.code = wanted.value";
        owners.by_code =
            sqlx::query_as::<_, (String, i64)>(by_code).bind(json!(codes).to_string()).fetch_all(old).await?.into_iter().collect();
        let by_barcode = "SELECT b.barcode, i.id, i.code, i.name FROM json_each(?) AS wanted
                          JOIN item_barcode b ON b.barcode = wanted.value JOIN item i ON i.id = b.item_id";
        for row in sqlx::query(by_barcode).bind(json!(barcodes).to_string()).fetch_all(old).await? {
            owners.by_barcode.insert(row.get("barcode"), Owner { id: row.get("id"), code: row.get("code"), name: row.get("name") });
        }
        Ok(owners)
    }
}

/// Many rows to a statement: the cost of a statement is then shared by all of them.
async fn insert(connection: &mut SqliteConnection, items: &[(i64, Item)]) -> Result<(), sqlx::Error> {
    const ROWS_A_STATEMENT: usize = 500;
    for chunk in items.chunks(ROWS_A_STATEMENT) {
        let mut statement = QueryBuilder::<Sqlite>::new(
            "INSERT INTO item (id, code, barcodes, name, name_kk, name_ru, short_name, unit, price_minor, vat_bp, grp, stock_milli, marked, \
             quick_key, folded) ",
        );
        statement.push_values(chunk, |mut row, (id, item)| {
            row.push_bind(*id)
                .push_bind(item.code.as_deref())
                .push_bind(item.barcodes.join("|"))
                .push_bind(item.name.as_str())
                .push_bind(item.name_kk.as_deref())
                .push_bind(item.name_ru.as_deref())
                .push_bind(item.short_name.as_deref())
                .push_bind(item.unit.code())
                .push_bind(item.price_minor)
                .push_bind(item.vat.map(VatRate::basis_points))
                .push_bind(item.group.as_deref())
                .push_bind(item.stock_milli)
                .push_bind(item.marked)
                .push_bind(item.quick_key)
                .push_bind(searchable(item));
        });
        statement.build().execute(&mut *connection).await?;
    }
    Ok(())
}
