//! What sells most, kept in memory: the favourites and the best sellers answer a search before the disk is asked.

use crate::DatabaseError;
use crate::search::fits;
use checkout::sale::Line;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqlitePool};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many of the goods sold most often are looked through before the rest of the catalogue, and so many favourites.
const AT_MOST: usize = 300;

/// A good as the catalogue file has it.
pub(crate) struct Popular {
    id: i64,
    sold: i64,
    folded: String,
    pub row: Arc<SqliteRow>,
}

impl Popular {
    /// Does every word begin a word of its name?
    pub fn fits(&self, words: &[String]) -> bool {
        fits(&self.folded, words)
    }
}

/// The list of one catalogue file: read at the first search, and brought up to date after sales by the goods sold
/// alone. What is sold and not yet counted on the disk comes from the upkeep.
#[derive(Default)]
pub(crate) struct PopularList {
    list: tokio::sync::Mutex<Option<Arc<[Popular]>>>,
    sold_since: Mutex<HashSet<i64>>,
}

impl PopularList {
    /// A sale has been committed.
    pub fn sold(&self, lines: &[Line]) {
        let mut sold_since = self.sold_since();
        // Where nobody searches, nothing is gathered without end: the whole list is then read again.
        if sold_since.len() <= AT_MOST {
            sold_since.extend(lines.iter().map(|line| line.good.item));
        }
    }

    fn sold_since(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.sold_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was sold most, then the favourites in their order.
    pub async fn now(
        &self,
        ledger: &SqlitePool,
        goods: &SqlitePool,
        uncounted: impl FnOnce() -> BTreeMap<i64, i64> + Send,
    ) -> Result<Arc<[Popular]>, DatabaseError> {
        let mut list = self.list.lock().await;
        let sold: Vec<i64> = self.sold_since().drain().collect();
        // Taken out meanwhile: what goes wrong half-way leaves no list, and the next search reads it whole.
        let now = match list.take() {
            Some(known) if sold.is_empty() => known,
            Some(known) if sold.len() <= AT_MOST => renewed(&known, &sold, &uncounted(), ledger, goods).await?,
            _ => {
                let counted = read(ledger, goods).await?;
                let uncounted = uncounted();
                let sold: Vec<i64> = uncounted.keys().copied().collect();
                renewed(&counted, &sold, &uncounted, ledger, goods).await?
            }
        };
        *list = Some(now.clone());
        Ok(now)
    }
}

async fn read(ledger: &SqlitePool, goods: &SqlitePool) -> Result<Arc<[Popular]>, DatabaseError> {
    let counts: Vec<(i64, i64)> = sqlx::query_as("SELECT item_id, sold FROM item_popularity ORDER BY sold DESC, item_id LIMIT ?")
        .bind(AT_MOST as i64)
        .fetch_all(ledger)
        .await?;
    let mut list = of(&counts, goods).await?;
    let favourites = sqlx::query("SELECT * FROM item WHERE quick_key IS NOT NULL ORDER BY quick_key, id LIMIT ?")
        .bind(AT_MOST as i64)
        .fetch_all(goods)
        .await?;
    list.extend(favourites.into_iter().map(|row| popular(row, 0)));
    Ok(list.into())
}

/// The list with the counts of these goods as they are now.
async fn renewed(
    known: &[Popular],
    sold: &[i64],
    uncounted: &BTreeMap<i64, i64>,
    ledger: &SqlitePool,
    goods: &SqlitePool,
) -> Result<Arc<[Popular]>, DatabaseError> {
    let mut counts: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT wanted.value, coalesce(p.sold, 0) FROM json_each(?) AS wanted LEFT JOIN item_popularity p ON p.item_id = wanted.value",
    )
    .bind(serde_json::json!(sold).to_string())
    .fetch_all(ledger)
    .await?;
    for (item, count) in &mut counts {
        *count = count.saturating_add(uncounted.get(item).copied().unwrap_or(0));
    }
    counts.retain(|(_, count)| *count > 0);
    let changed: HashSet<i64> = counts.iter().map(|(id, _)| *id).collect();
    let favourites = known.iter().position(|popular| popular.sold == 0).unwrap_or(known.len());
    let (best, favourites) = known.split_at(favourites);
    let mut list = of(&counts, goods).await?;
    list.extend(best.iter().filter(|popular| !changed.contains(&popular.id)).map(Popular::again));
    list.sort_by_key(|popular| (Reverse(popular.sold), popular.id));
    list.truncate(AT_MOST);
    list.extend(favourites.iter().map(Popular::again));
    Ok(list.into())
}

/// Goods with their counts, in the order given; what the catalogue no longer has is left out.
async fn of(counts: &[(i64, i64)], goods: &SqlitePool) -> Result<Vec<Popular>, DatabaseError> {
    let rows = sqlx::query(
        "SELECT wanted.value ->> 1 AS sold, i.* FROM json_each(?) AS wanted JOIN item i ON i.id = wanted.value ->> 0 ORDER BY wanted.key",
    )
    .bind(serde_json::json!(counts).to_string())
    .fetch_all(goods)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let sold = row.get("sold");
            popular(row, sold)
        })
        .collect())
}

fn popular(row: SqliteRow, sold: i64) -> Popular {
    Popular { id: row.get("id"), sold, folded: row.get("folded"), row: Arc::new(row) }
}

impl Popular {
    fn again(&self) -> Popular {
        Popular { id: self.id, sold: self.sold, folded: self.folded.clone(), row: self.row.clone() }
    }
}
