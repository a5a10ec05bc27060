//! Signing in, allowing another's action, and the page of people.

use super::guard::Caller;
use super::id;
use crate::contract::{self, Failure, PeoplePage, Proof, RoleCode, Told};
use checkout::people::PersonId;
use till::{Till, TillError};

/// The first person of a shop that has nobody; they are signed in by it.
#[tauri::command]
pub async fn owner_make(caller: Caller, name: String, pin: String) -> Result<Told, Failure> {
    caller.told(|till| async move { till.make_owner(&name, &pin).await }).await
}

/// Signs in; whoever was signed in before is signed out. The cart and an open payment stay.
#[tauri::command]
pub async fn session_open(caller: Caller, person_id: String, pin: String) -> Result<Told, Failure> {
    let person = PersonId(id(&person_id)?);
    caller.told(|till| async move { till.sign_in(person, &pin).await }).await
}

#[tauri::command]
pub async fn session_open_by_badge(caller: Caller, badge: String) -> Result<Told, Failure> {
    caller.told(|till| async move { till.sign_in_by_badge(&badge).await }).await
}

#[tauri::command]
pub async fn session_lock(caller: Caller) -> Result<Told, Failure> {
    caller.told(|till| async move { till.lock().await }).await
}

/// Another person allows what was refused with `needs_approval`. The screen then gives the same command once more.
#[tauri::command]
pub async fn lift_give(caller: Caller, refusal_id: String, proof: Proof, reason: String) -> Result<(), Failure> {
    let refusal = id(&refusal_id)?;
    let proof = match proof {
        Proof::Pin { person_id, pin } => till::people::Proof::Pin { person: PersonId(id(&person_id)?), pin },
        Proof::Badge { badge } => till::people::Proof::Badge { badge },
    };
    caller.answer(|till| async move { till.give_lift(refusal, &proof, &reason).await }).await
}

#[tauri::command]
pub async fn people_show(caller: Caller) -> Result<PeoplePage, Failure> {
    caller.answer(|till| async move { page(&till).await }).await
}

#[tauri::command]
pub async fn person_add(caller: Caller, name: String, role: RoleCode, pin: String) -> Result<PeoplePage, Failure> {
    let add = caller.answer(|till| async move {
        till.add_person(&name, role.into(), &pin).await?;
        page(&till).await
    });
    add.await
}

/// A role that wants a longer PIN than the person has is refused with `bad_pin` until it comes with one.
#[tauri::command]
pub async fn person_change(
    caller: Caller,
    person_id: String,
    name: String,
    role: RoleCode,
    pin: Option<String>,
) -> Result<PeoplePage, Failure> {
    let person = PersonId(id(&person_id)?);
    let change = caller.answer(|till| async move {
        till.change_person(person, &name, role.into(), pin.as_deref()).await?;
        page(&till).await
    });
    change.await
}

#[tauri::command]
pub async fn person_set_pin(caller: Caller, person_id: String, pin: String) -> Result<PeoplePage, Failure> {
    let person = PersonId(id(&person_id)?);
    let set = caller.answer(|till| async move {
        till.set_pin(person, &pin).await?;
        page(&till).await
    });
    set.await
}

/// Null takes the badge away.
#[tauri::command]
pub async fn person_set_badge(caller: Caller, person_id: String, badge: Option<String>) -> Result<PeoplePage, Failure> {
    let person = PersonId(id(&person_id)?);
    let set = caller.answer(|till| async move {
        till.set_badge(person, badge.as_deref()).await?;
        page(&till).await
    });
    set.await
}

#[tauri::command]
pub async fn person_remove(caller: Caller, person_id: String) -> Result<PeoplePage, Failure> {
    let person = PersonId(id(&person_id)?);
    let remove = caller.answer(|till| async move {
        till.remove_person(person).await?;
        page(&till).await
    });
    remove.await
}

async fn page(till: &Till) -> Result<PeoplePage, TillError> {
    Ok(contract::people_page(&till.listed_people().await?, till))
}
