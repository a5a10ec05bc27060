//! Goods: taking them in, taking the last import back, finding them.

use crate::answer::{Answer, Failed};
use crate::asker::Asker;
use checkout::people::Right;
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use till::goods::{GoodsError, MISTAKES_AT_MOST, RowError};
use till::import::{Preview, Watch};
use till::records::Records;
use till::{Item, Till, TillError};

#[derive(Args)]
pub struct Import {
    #[arg(required_unless_present = "undo", conflicts_with = "undo")]
    file: Option<PathBuf>,
    /// Only read the file and tell what it would change; works beside an open till.
    #[arg(long, conflicts_with = "undo")]
    dry_run: bool,
    /// Take the catalogue before the last import into use again.
    #[arg(long)]
    undo: bool,
}

pub async fn import(asker: &Asker, import: Import) -> Result<Answer, Failed> {
    let bytes = match &import.file {
        Some(file) => std::fs::read(file).map_err(|error| Failed::file(file, &error))?,
        None => Vec::new(),
    };
    let told = |rows: usize| eprintln!("{rows} rows read");
    let watch = Watch { rows_read: &told, stop: &AtomicBool::new(false) };
    if import.dry_run {
        return answer(Records::open(&asker.data).await?.try_import(&bytes, watch).await, true);
    }
    let take = async |till: &Arc<Till>| match import.undo {
        true => undo(till).await,
        false => answer(till.import_watched(&bytes, watch).await, false),
    };
    asker.at_till(Right::Settings, "import", take).await
}

async fn undo(till: &Till) -> Result<Answer, Failed> {
    till.undo_import().await?;
    Ok(Answer::done(json!({ "import": { "undone": true } }), "the last import is undone\n".to_owned()))
}

fn answer(preview: Result<Preview, TillError>, dry_run: bool) -> Result<Answer, Failed> {
    let preview = preview.map_err(|error| match error {
        TillError::Goods(GoodsError::Rows(rows)) => mistakes(&rows),
        other => other.into(),
    })?;
    let counts = preview.counts;
    let first: Vec<Value> = preview.first.iter().map(item_object).collect();
    let object = json!({ "import": {
        "added": counts.added, "updated": counts.updated, "unchanged": counts.unchanged, "dry_run": dry_run, "first": first,
    }});
    let done = if dry_run { "would be taken" } else { "taken" };
    let total = counts.added + counts.updated + counts.unchanged;
    let text = format!("{total} goods {done}: {} new, {} changed, {} as they were\n", counts.added, counts.updated, counts.unchanged);
    Ok(Answer::done(object, text))
}

fn mistakes(rows: &[RowError]) -> Failed {
    const LISTED: usize = 20;
    let listed: Vec<_> = rows.iter().map(|row| json!({ "row": row.row, "field": row.field, "message": row.mistake.to_string() })).collect();
    let text: String = rows.iter().take(LISTED).map(|row| format!("\n  row {}, {}: {}", row.row, row.field, row.mistake)).collect();
    let more = if rows.len() >= MISTAKES_AT_MOST { ", and the file was read no further" } else { "" };
    Failed::refused("goods", format!("{} mistakes{more}; nothing was imported{text}", rows.len())).details(json!({ "rows": listed }))
}

fn item_object(item: &Item) -> Value {
    json!({ "code": item.code, "barcodes": item.barcodes, "name": item.name, "price_minor": item.price_minor, "unit": item.unit.code() })
}

pub async fn search(data: &Path, text: &str) -> Result<Answer, Failed> {
    let found = Records::open(data).await?.search(text).await?;
    let mut lines = String::new();
    let mut items = Vec::new();
    for found in found {
        let good = found.good;
        lines.push_str(&format!("{}  {}  {}\n", good.code, good.name, good.price));
        items.push(json!({
            "code": good.code, "barcodes": found.barcodes, "name": good.name, "price_minor": good.price.minor(), "unit": good.unit.code(),
        }));
    }
    if lines.is_empty() {
        lines = "nothing is found\n".to_owned();
    }
    Ok(Answer::done(json!({ "items": items }), lines))
}
