//! Payments under way and in doubt.

use super::guard::Caller;
use super::id;
use crate::contract::{Decision, Failure, Told};
use checkout::payment::{AttemptId, Resolution};

#[tauri::command]
pub async fn attempt_check(caller: Caller, attempt_id: String) -> Result<Told, Failure> {
    let attempt = AttemptId(id(&attempt_id)?);
    caller.told(|till| async move { till.check(attempt).await }).await
}

#[tauri::command]
pub async fn attempt_stop_waiting(caller: Caller, attempt_id: String) -> Result<Told, Failure> {
    let attempt = AttemptId(id(&attempt_id)?);
    caller.told(|till| async move { till.stop_waiting(attempt).await }).await
}

#[tauri::command]
pub async fn attempt_park(caller: Caller, attempt_id: String) -> Result<Told, Failure> {
    let attempt = AttemptId(id(&attempt_id)?);
    caller.told(|till| async move { till.park(attempt).await }).await
}

#[tauri::command]
pub async fn attempt_open(caller: Caller, attempt_id: String) -> Result<Told, Failure> {
    let attempt = AttemptId(id(&attempt_id)?);
    caller.told(|till| async move { till.unpark(attempt).await }).await
}

/// Where the shop has people, `by` is who allowed it, or else who is signed in, whatever is typed.
#[tauri::command]
pub async fn attempt_resolve(
    caller: Caller,
    attempt_id: String,
    decision: Decision,
    by: String,
    reason: String,
    reference: String,
    evidence: String,
) -> Result<Told, Failure> {
    let attempt = AttemptId(id(&attempt_id)?);
    let by = caller.name_or_typed(by);
    let resolution = Resolution { decision: decision.into(), by, reason, reference, evidence };
    caller.told(|till| async move { till.resolve(attempt, resolution).await }).await
}
