//! Payments under way and in doubt.

use super::{id, shown};
use crate::Opened;
use crate::contract::{Decision, Failure, Told};
use checkout::payment::{AttemptId, Resolution};
use tauri::State;

#[tauri::command]
pub async fn attempt_check(opened: State<'_, Opened>, attempt_id: String) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.check(AttemptId(id(&attempt_id)?)).await).await
}

#[tauri::command]
pub async fn attempt_stop_waiting(opened: State<'_, Opened>, attempt_id: String) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.stop_waiting(AttemptId(id(&attempt_id)?)).await).await
}

#[tauri::command]
pub async fn attempt_park(opened: State<'_, Opened>, attempt_id: String) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.park(AttemptId(id(&attempt_id)?)).await).await
}

#[tauri::command]
pub async fn attempt_open(opened: State<'_, Opened>, attempt_id: String) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.unpark(AttemptId(id(&attempt_id)?)).await).await
}

#[tauri::command]
pub async fn attempt_resolve(
    opened: State<'_, Opened>,
    attempt_id: String,
    decision: Decision,
    by: String,
    reason: String,
    reference: String,
    evidence: String,
) -> Result<Told, Failure> {
    let till = opened.till()?;
    let resolution = Resolution { decision: decision.into(), by, reason, reference, evidence };
    shown(&opened, till.resolve(AttemptId(id(&attempt_id)?), resolution).await.map(|_| ())).await
}
