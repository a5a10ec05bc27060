//! Signing in, allowing another's action, and the page of people.

use crate::Opened;
use crate::contract::{Failure, PeoplePage, Proof, RoleCode, Told};
use tauri::State;

fn not_yet() -> Failure {
    Failure::internal("people are not kept yet")
}

/// The first person of a shop that has nobody; they are signed in by it.
#[tauri::command]
pub async fn owner_make(_opened: State<'_, Opened>, name: String, pin: String) -> Result<Told, Failure> {
    let _ = (name, pin);
    Err(not_yet())
}

/// Signs in; whoever was signed in before is signed out. The cart and an open payment stay.
#[tauri::command]
pub async fn session_open(_opened: State<'_, Opened>, person_id: String, pin: String) -> Result<Told, Failure> {
    let _ = (person_id, pin);
    Err(not_yet())
}

#[tauri::command]
pub async fn session_open_by_badge(_opened: State<'_, Opened>, badge: String) -> Result<Told, Failure> {
    let _ = badge;
    Err(not_yet())
}

#[tauri::command]
pub async fn session_lock(_opened: State<'_, Opened>) -> Result<Told, Failure> {
    Err(not_yet())
}

/// Another person allows what was refused with `needs_approval`. The screen then gives the same command once more.
#[tauri::command]
pub async fn lift_give(_opened: State<'_, Opened>, refusal_id: String, proof: Proof, reason: String) -> Result<(), Failure> {
    let _ = (refusal_id, proof, reason);
    Err(not_yet())
}

#[tauri::command]
pub async fn people_show(_opened: State<'_, Opened>) -> Result<PeoplePage, Failure> {
    Err(not_yet())
}

#[tauri::command]
pub async fn person_add(_opened: State<'_, Opened>, name: String, role: RoleCode, pin: String) -> Result<PeoplePage, Failure> {
    let _ = (name, role, pin);
    Err(not_yet())
}

/// A role that wants a longer PIN than the person has is refused with `bad_pin` until it comes with one.
#[tauri::command]
pub async fn person_change(
    _opened: State<'_, Opened>,
    person_id: String,
    name: String,
    role: RoleCode,
    pin: Option<String>,
) -> Result<PeoplePage, Failure> {
    let _ = (person_id, name, role, pin);
    Err(not_yet())
}

#[tauri::command]
pub async fn person_set_pin(_opened: State<'_, Opened>, person_id: String, pin: String) -> Result<PeoplePage, Failure> {
    let _ = (person_id, pin);
    Err(not_yet())
}

/// Null takes the badge away.
#[tauri::command]
pub async fn person_set_badge(_opened: State<'_, Opened>, person_id: String, badge: Option<String>) -> Result<PeoplePage, Failure> {
    let _ = (person_id, badge);
    Err(not_yet())
}

#[tauri::command]
pub async fn person_remove(_opened: State<'_, Opened>, person_id: String) -> Result<PeoplePage, Failure> {
    let _ = person_id;
    Err(not_yet())
}
