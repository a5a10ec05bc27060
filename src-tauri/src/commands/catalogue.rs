//! Goods to choose from.

use crate::Opened;
use crate::contract::{self, Failure, QuickPage, SearchHit};
use tauri::State;

#[tauri::command]
pub async fn catalogue_search(opened: State<'_, Opened>, text: String) -> Result<Vec<SearchHit>, Failure> {
    let found = opened.till()?.search(&text).await?;
    Ok(found.iter().map(contract::search_hit).collect())
}

#[tauri::command]
pub async fn catalogue_quick_keys(opened: State<'_, Opened>) -> Result<Vec<QuickPage>, Failure> {
    Ok(contract::quick_pages(&opened.till()?.favourites().await?))
}
