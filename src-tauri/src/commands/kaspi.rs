//! The page of the Kaspi terminal. What stands in the way is an answer, not a failure: the page says what to do about it.

use super::guard::Caller;
use super::id;
use crate::contract::{Failure, KaspiAnswer, KaspiFound, KaspiSearch};
use std::sync::Arc;
use till::kaspi::{Network, State};
use till::{Till, TillError};

/// Does it, and answers how the till stands with its terminal then.
async fn answered<F>(caller: Caller, act: impl FnOnce(Arc<Till>) -> F) -> Result<KaspiAnswer, Failure>
where
    F: Future<Output = Result<State, TillError>>,
{
    let answer = caller.answer(|till| async move {
        match act(till).await {
            Ok(state) => Ok(KaspiAnswer::from(state)),
            Err(TillError::Kaspi(error)) => Ok(KaspiAnswer::from(&error)),
            Err(error) => Err(error),
        }
    });
    answer.await
}

/// Asks the terminal who it is; charges nothing, shows nothing there.
#[tauri::command]
pub async fn kaspi_show(caller: Caller) -> Result<KaspiAnswer, Failure> {
    answered(caller, |till| async move { till.kaspi_state().await }).await
}

/// The same, written down as the proof of a set-up.
#[tauri::command]
pub async fn kaspi_test(caller: Caller) -> Result<KaspiAnswer, Failure> {
    answered(caller, |till| async move { till.test_kaspi().await }).await
}

/// The next step of a trial: the smallest payment, or its refund. Waits until the terminal has answered.
#[tauri::command]
pub async fn kaspi_try(caller: Caller, command_id: String) -> Result<KaspiAnswer, Failure> {
    let command = id(&command_id)?;
    answered(caller, |till| async move { till.try_kaspi(command).await }).await
}

/// Waits until somebody has pressed on the terminal, at most three minutes. `compared` is the key that was compared.
#[tauri::command]
pub async fn kaspi_register(caller: Caller, compared: Option<String>) -> Result<KaspiAnswer, Failure> {
    answered(caller, |till| async move { till.register_kaspi(compared.as_deref()).await }).await
}

/// A registration that waits is given up.
#[tauri::command]
pub async fn kaspi_give_up(caller: Caller) -> Result<(), Failure> {
    let give_up = caller.answer(|till| async move {
        till.give_up_registering();
        Ok::<_, TillError>(())
    });
    give_up.await
}

#[tauri::command]
pub async fn kaspi_renew(caller: Caller) -> Result<KaspiAnswer, Failure> {
    answered(caller, |till| async move { till.renew_kaspi().await }).await
}

/// Throws this till's tokens away.
#[tauri::command]
pub async fn kaspi_forget(caller: Caller) -> Result<KaspiAnswer, Failure> {
    answered(caller, |till| async move { till.forget_kaspi().await }).await
}

/// Where the machine has no keychain: opens the file in its place.
#[tauri::command]
pub async fn kaspi_unlock(caller: Caller, passphrase: String) -> Result<KaspiAnswer, Failure> {
    answered(caller, |till| async move { till.open_kaspi_secrets(&passphrase).await }).await
}

/// Looks through the network of an address, or the terminal's, or this machine's. Nothing appears on a terminal.
#[tauri::command]
pub async fn kaspi_search(caller: Caller, near: Option<String>) -> Result<KaspiSearch, Failure> {
    let search = caller.answer(|till| async move {
        let network = near.as_deref().and_then(|near| Network::read(near, till::kaspi::USUAL_PORT));
        match till.discover_kaspi(network).await {
            Ok(found) => Ok(KaspiSearch::Found { terminals: found.into_iter().map(KaspiFound::from).collect() }),
            Err(TillError::Kaspi(error)) => Ok(KaspiSearch::Refused { trouble: (&error).into() }),
            Err(error) => Err(error),
        }
    });
    search.await
}
