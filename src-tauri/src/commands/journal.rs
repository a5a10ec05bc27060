//! The page of the journal.

use super::guard::Caller;
use super::id;
use crate::contract::{self, Failure, JournalPage, JournalState, JournalTopic};
use checkout::people::PersonId;
use till::{TillError, Wanted};

/// A page of what fits, newest first; none of a thing stands for all.
#[tauri::command]
pub async fn journal_show(
    caller: Caller,
    person_id: Option<String>,
    topic: Option<JournalTopic>,
    day: Option<String>,
    before: Option<i64>,
) -> Result<JournalPage, Failure> {
    let person = person_id.as_deref().map(id).transpose()?.map(PersonId);
    let wanted = Wanted { person, topic: topic.map(Into::into), day, before };
    let show = caller.answer(|till| async move {
        let page = till.records().journal_page(&wanted).await?;
        Ok::<_, TillError>(contract::journal_page(&page, till.settings().currency))
    });
    show.await
}

/// Walks the whole chain of hashes.
#[tauri::command]
pub async fn journal_verify(caller: Caller) -> Result<JournalState, Failure> {
    caller.answer(|till| async move { Ok::<_, TillError>(contract::journal_state(&till.records().journal_state().await?)) }).await
}
