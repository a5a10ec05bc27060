//! Who gives a command. Where the shop has people, writing is done in somebody's name, and their role holds here too.

use crate::answer::Failed;
use checkout::people::Right;
use std::path::PathBuf;
use std::sync::Arc;
use till::seat::User;
use till::{Opening, Till};

pub struct Asker {
    pub data: PathBuf,
    /// The name, and the PIN out of the environment: on a command line others could read it.
    user: Option<(String, String)>,
}

impl Asker {
    pub fn of(data: PathBuf, name: Option<String>) -> Result<Asker, Failed> {
        let with_pin = |name: String| match std::env::var("KASSA_PIN") {
            Ok(pin) => Ok((name, pin)),
            Err(_) => Err(Failed::usage("--user wants the PIN in KASSA_PIN")),
        };
        Ok(Asker { data, user: name.map(with_pin).transpose()? })
    }

    pub fn user(&self) -> Option<User<'_>> {
        self.user.as_ref().map(|(name, pin)| User { name, pin })
    }

    /// Opens the till for a command that writes, does it in the user's name and closes the till.
    pub async fn at_till<T>(
        &self,
        right: Right,
        command: &str,
        act: impl AsyncFnOnce(&Arc<Till>) -> Result<T, Failed>,
    ) -> Result<T, Failed> {
        let till = Till::open(Opening { keeps_draft: false, ..Opening::at(&self.data) }).await?;
        let done = async {
            let pass = till.enter(self.user(), right, command).await?;
            till.with(pass, act(&till)).await
        };
        let done = done.await;
        till.close().await;
        done
    }
}
