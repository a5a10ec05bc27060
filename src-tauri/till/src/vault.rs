//! The secrets of a shop's devices. They lie in the system's keychain; where none can be reached, in a file of the user that
//! is encrypted with a passphrase: AES-256-GCM under a key that Argon2id makes of it.

use crate::keychain::{Keychain, entry, hexadecimal, write};
use crate::pin::{Cost, bytes};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// What the file is encrypted with. Never shown, never kept.
#[derive(Clone)]
pub struct Passphrase(String);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

impl Passphrase {
    /// `KASSA_PASSPHRASE`.
    pub fn of_user() -> Option<Passphrase> {
        std::env::var("KASSA_PASSPHRASE").ok().and_then(|text| Passphrase::new(&text))
    }

    /// None where it is empty.
    pub fn new(text: &str) -> Option<Passphrase> {
        (!text.is_empty()).then(|| Passphrase(text.to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("this machine has no keychain that can be reached, and no passphrase was given for the file in its place")]
    PassphraseMissing,
    #[error("the passphrase does not open the file of this shop's secrets")]
    WrongPassphrase,
    #[error("the secret cannot be kept: {0}")]
    Unusable(String),
}

fn unusable(why: impl fmt::Display) -> SecretError {
    SecretError::Unusable(why.to_string())
}

/// One secret of one shop.
pub struct Vault {
    keychain: Keychain,
    /// What it is called in the keychain, or its file.
    name: String,
    passphrase: Option<Passphrase>,
    cost: Cost,
    /// The key of the file, once it has been made.
    made: Mutex<Option<Made>>,
}

/// A key with what it was made of, besides the passphrase.
#[derive(Clone)]
struct Made {
    cost: Cost,
    salt: Vec<u8>,
    key: [u8; 32],
}

/// The file. What a key cost is kept, so that a dearer one later leaves the old file readable.
#[derive(Serialize, Deserialize)]
struct Sealed {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    nonce: String,
    sealed: String,
}

impl Vault {
    pub fn new(keychain: Keychain, name: String, passphrase: Option<Passphrase>, cost: Cost) -> Vault {
        Vault { keychain, name, passphrase, cost, made: Mutex::default() }
    }

    /// What is kept, in the keychain and in the file: the keychain may have been out of reach for a while, so the caller
    /// takes the later one. A file that cannot be opened counts only where there is nothing else.
    pub fn read(&self) -> Result<Vec<Vec<u8>>, SecretError> {
        let in_chain = self.in_chain();
        let in_file = match std::fs::read(self.file()?) {
            Ok(file) => self.open(&file).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(error)),
        };
        match (in_chain, in_file) {
            (Ok(Some(secret)), Err(_)) => Ok(vec![secret]),
            // A file is taken away when the keychain takes a secret: one that is there is the later.
            (Err(_), Ok(Some(secret))) => Ok(vec![secret]),
            (Err(locked), Ok(None) | Err(_)) => Err(locked),
            (Ok(chain), file) => Ok(chain.into_iter().chain(file?).collect()),
        }
    }

    /// None where there is no keychain or nothing in it; one that is locked is not taken for empty.
    fn in_chain(&self) -> Result<Option<Vec<u8>>, SecretError> {
        let entry = match &self.keychain {
            Keychain::System => entry(&self.name),
            Keychain::Folder(_) => None,
        };
        match entry.map(|entry| entry.get_secret()) {
            None | Some(Err(keyring_core::Error::NoEntry)) => Ok(None),
            Some(Ok(secret)) => Ok(Some(secret)),
            Some(Err(error)) => Err(unusable(error)),
        }
    }

    /// Whole or not at all.
    pub fn keep(&self, secret: &[u8]) -> Result<(), SecretError> {
        let in_chain = || {
            let entry = entry(&self.name)?;
            entry.set_secret(secret).ok()?;
            entry.get_secret().ok().filter(|kept| kept == secret)
        };
        if matches!(self.keychain, Keychain::System) && in_chain().is_some() {
            // What lies in a file from before is older.
            let _ = std::fs::remove_file(self.file()?);
            return Ok(());
        }
        let folder = self.keychain.folder().map_err(unusable)?;
        let sealed = self.seal(secret)?;
        write(&folder, &self.name, &sealed).map_err(unusable)
    }

    /// Whether a secret could be kept, before somebody goes to get one.
    pub fn can_keep(&self) -> Result<(), SecretError> {
        match (&self.keychain, &self.passphrase) {
            (_, Some(_)) => Ok(()),
            (Keychain::System, None) if entry(&self.name).is_some() => Ok(()),
            (_, None) => Err(SecretError::PassphraseMissing),
        }
    }

    pub fn forget(&self) -> Result<(), SecretError> {
        match std::fs::remove_file(self.file()?) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unusable(error)),
            _ => {}
        }
        if self.in_chain()?.is_some()
            && let Some(entry) = entry(&self.name)
        {
            entry.delete_credential().map_err(unusable)?;
        }
        Ok(())
    }

    fn file(&self) -> Result<PathBuf, SecretError> {
        Ok(self.keychain.folder().map_err(unusable)?.join(&self.name))
    }

    fn key(&self, cost: Cost, salt: &[u8]) -> Result<LessSafeKey, SecretError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made.as_ref().filter(|made| made.cost == cost && made.salt == salt).map(|made| made.key);
        let key = match known {
            Some(key) => key,
            None => {
                let Passphrase(passphrase) = self.passphrase.as_ref().ok_or(SecretError::PassphraseMissing)?;
                let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(unusable)?;
                let mut key = [0; 32];
                let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                argon.hash_password_into(passphrase.as_bytes(), salt, &mut key).map_err(unusable)?;
                *made = Some(Made { cost, salt: salt.to_owned(), key });
                key
            }
        };
        Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).map_err(unusable)?))
    }

    fn seal(&self, secret: &[u8]) -> Result<Vec<u8>, SecretError> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let known = made.filter(|made| made.cost == self.cost).map(|made| made.salt);
        let salt = match known {
            Some(salt) => salt,
            None => random::<16>()?.to_vec(),
        };
        let (nonce, mut text) = (random::<NONCE_LEN>()?, secret.to_owned());
        let Cost { memory_kib, passes, lanes } = self.cost;
        self.key(self.cost, &salt)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(self.name.as_bytes()), &mut text)
            .map_err(unusable)?;
        let (salt, nonce, sealed) = (hexadecimal(&salt), hexadecimal(&nonce), hexadecimal(&text));
        serde_json::to_vec(&Sealed { memory_kib, passes, lanes, salt, nonce, sealed }).map_err(unusable)
    }

    fn open(&self, file: &[u8]) -> Result<Vec<u8>, SecretError> {
        let damaged = || unusable("its file is damaged");
        let Sealed { memory_kib, passes, lanes, salt, nonce, sealed } = serde_json::from_slice(file).map_err(|_| damaged())?;
        let field = |text: &str| bytes(text).ok_or_else(damaged);
        let nonce = Nonce::try_assume_unique_for_key(&field(&nonce)?).map_err(|_| damaged())?;
        let mut text = field(&sealed)?;
        let opened = self
            .key(Cost { memory_kib, passes, lanes }, &field(&salt)?)?
            .open_in_place(nonce, Aad::from(self.name.as_bytes()), &mut text)
            .map(|secret| secret.to_vec());
        if opened.is_err() {
            // A key that opens nothing is not used again.
            self.made.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        opened.map_err(|_| SecretError::WrongPassphrase)
    }
}

fn random<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(unusable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    fn vault(folder: &Path, passphrase: &str) -> Vault {
        Vault::new(Keychain::Folder(folder.to_owned()), "tokens".to_owned(), Passphrase::new(passphrase), CHEAP)
    }

    #[test]
    fn a_secret_in_a_file_needs_its_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let own = vault(folder.path(), "қызыл алма");
        assert_eq!(own.read(), Ok(Vec::new()));
        own.keep(b"the first").unwrap();
        own.keep(b"the second").unwrap();
        assert_eq!(own.read(), Ok(vec![b"the second".to_vec()]));
        assert_eq!(vault(folder.path(), "қызыл алма").read(), Ok(vec![b"the second".to_vec()]), "another run");
        assert_eq!(vault(folder.path(), "another").read(), Err(SecretError::WrongPassphrase));
        assert_eq!(vault(folder.path(), "").read(), Err(SecretError::PassphraseMissing));
        assert_eq!(vault(folder.path(), "").keep(b"x"), Err(SecretError::PassphraseMissing));
        own.forget().unwrap();
        assert_eq!(own.read(), Ok(Vec::new()));
    }

    #[test]
    fn a_key_that_has_become_dearer_opens_what_it_seals() {
        let folder = tempfile::tempdir().unwrap();
        vault(folder.path(), "қызыл алма").keep(b"the first").unwrap();
        let dearer = || Vault { cost: Cost { passes: 2, ..CHEAP }, ..vault(folder.path(), "қызыл алма") };
        let renewing = dearer();
        assert_eq!(renewing.read(), Ok(vec![b"the first".to_vec()]));
        renewing.keep(b"the second").unwrap();
        assert_eq!(dearer().read(), Ok(vec![b"the second".to_vec()]), "another run");
    }

    #[test]
    fn a_file_of_secrets_shows_nothing_and_a_damaged_one_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let own = vault(folder.path(), "қызыл алма");
        own.keep(b"refresh-token").unwrap();
        let file = folder.path().join("tokens");
        let mut written = std::fs::read(&file).unwrap();
        assert!(!String::from_utf8_lossy(&written).contains("refresh"));
        // The last digit before the closing quote and brace.
        let last = written.len() - 3;
        written[last] = if written[last] == b'0' { b'1' } else { b'0' };
        std::fs::write(&file, written).unwrap();
        assert_eq!(vault(folder.path(), "қызыл алма").read(), Err(SecretError::WrongPassphrase));
        std::fs::write(&file, "{}").unwrap();
        assert!(matches!(own.read(), Err(SecretError::Unusable(_))));
    }
}
