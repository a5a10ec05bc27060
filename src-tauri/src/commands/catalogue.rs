//! Goods to choose from.

use super::guard::Caller;
use crate::contract::{self, Failure, QuickPage, SearchHit};
use till::TillError;

#[tauri::command]
pub async fn catalogue_search(caller: Caller, text: String) -> Result<Vec<SearchHit>, Failure> {
    let found = caller.answer(|till| async move { till.search(&text).await }).await?;
    Ok(found.iter().map(contract::search_hit).collect())
}

#[tauri::command]
pub async fn catalogue_quick_keys(caller: Caller) -> Result<Vec<QuickPage>, Failure> {
    caller.answer(|till| async move { Ok::<_, TillError>(contract::quick_pages(&till.favourites().await?)) }).await
}
