//! The key that PINs and badges are hashed with. It lies in the system's keychain; where none can be reached, in a file
//! of the user beside, never inside, the shop's data. A copied ledger alone so gives nobody's PIN away.

use hmac::{Hmac, KeyInit, Mac};
use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use sha2::Sha256;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

const SERVICE: &str = "kassa";
const ENTRY: &str = "pin-key";

/// Where the key is kept.
#[derive(Debug, Clone)]
pub enum Keychain {
    /// The system's keychain, and the user's file where that cannot be reached.
    System,
    /// A file in this folder, and nothing else.
    Folder(PathBuf),
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key of the PINs cannot be kept: {0}")]
    Unusable(String),
    #[error("the key that the PINs of this shop are kept with is not on this machine")]
    Lost,
    #[error("the key of the PINs is where it belongs, so it was not replaced")]
    NotLost,
}

/// Thirty-two bytes that nobody sees.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    fn new() -> Result<Key, KeyError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(unusable)?;
        Ok(Key(bytes))
    }

    fn read(bytes: &[u8]) -> Option<Key> {
        Some(Key(bytes.try_into().ok()?))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A hash of a text that only who has the key can make.
    pub(crate) fn keyed(&self, what: &str, text: &str) -> Vec<u8> {
        // Any length of key will do.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return Vec::new() };
        mac.update(what.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    /// What the ledger knows its key by.
    pub(crate) fn mark(&self) -> String {
        hexadecimal(&self.keyed("mark", ""))
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Keychain {
    /// This user's keychain; `KASSA_KEYS` names a folder in its place.
    pub fn of_user() -> Keychain {
        match std::env::var_os("KASSA_KEYS").filter(|folder| !folder.is_empty()) {
            Some(folder) => Keychain::Folder(PathBuf::from(folder)),
            None => Keychain::System,
        }
    }

    /// The key under this mark; for a shop that has none yet, the one that is there or a new one.
    pub(crate) fn key(&self, mark: Option<&str>) -> Result<Key, KeyError> {
        let known = self.known();
        match mark {
            Some(mark) => known.into_iter().find(|key| key.mark() == mark).ok_or(KeyError::Lost),
            None => known.into_iter().next().map_or_else(|| self.make(), Ok),
        }
    }

    /// The keychain may have been out of reach when the key was made, so the file is looked at too.
    fn known(&self) -> Vec<Key> {
        let in_chain = match self {
            Keychain::System => entry(ENTRY).and_then(|entry| Key::read(&entry.get_secret().ok()?)),
            Keychain::Folder(_) => None,
        };
        let in_file = self.folder().ok().and_then(|folder| Key::read(&std::fs::read(folder.join(ENTRY)).ok()?));
        in_chain.into_iter().chain(in_file).collect()
    }

    fn make(&self) -> Result<Key, KeyError> {
        let key = Key::new()?;
        let kept = || {
            let entry = entry(ENTRY)?;
            entry.set_secret(key.bytes()).ok()?;
            Key::read(&entry.get_secret().ok()?).filter(|read| *read == key)
        };
        if matches!(self, Keychain::System) && kept().is_some() {
            return Ok(key);
        }
        let folder = self.folder()?;
        write(&folder, ENTRY, key.bytes()).map_err(unusable)?;
        tracing::warn!(folder = %folder.display(), "no keychain could be reached; the key of the PINs is kept in a file");
        Ok(key)
    }

    pub(crate) fn folder(&self) -> Result<PathBuf, KeyError> {
        match self {
            Keychain::Folder(folder) => Ok(folder.clone()),
            Keychain::System => Ok(settings_folder().ok_or_else(|| unusable("this user has no folder for settings"))?.join("kassa")),
        }
    }
}

fn unusable(why: impl fmt::Display) -> KeyError {
    KeyError::Unusable(why.to_string())
}

/// A secret's place in the system's keychain; none where that cannot be reached.
pub(crate) fn entry(name: &str) -> Option<Entry> {
    #[cfg(target_os = "linux")]
    let store = dbus_secret_service_keyring_store::Store::new();
    #[cfg(target_os = "macos")]
    let store = apple_native_keyring_store::keychain::Store::new();
    #[cfg(target_os = "windows")]
    let store = windows_native_keyring_store::Store::new();
    store.ok()?.build(SERVICE, name, None).ok()
}

fn settings_folder() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return named("APPDATA");
    }
    if cfg!(target_os = "macos") {
        return Some(named("HOME")?.join("Library/Application Support"));
    }
    named("XDG_CONFIG_HOME").or_else(|| Some(named("HOME")?.join(".config")))
}

/// Whole or not at all, and for this user alone.
pub(crate) fn write(folder: &Path, name: &str, secret: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let part = folder.join(format!("{name}.part"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    file.write_all(secret)?;
    file.sync_all()?;
    std::fs::rename(part, folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_found_by_its_mark() {
        let folder = tempfile::tempdir().unwrap();
        let keychain = Keychain::Folder(folder.path().join("keys"));
        let key = keychain.key(None).unwrap();
        assert_eq!(keychain.key(None).unwrap(), key);
        assert_eq!(keychain.key(Some(&key.mark())).unwrap(), key);
        assert!(matches!(keychain.key(Some("of another machine")), Err(KeyError::Lost)));
        assert_eq!(format!("{key:?}"), "Key");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_this_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        Keychain::Folder(folder.path().to_owned()).key(None).unwrap();
        let mode = std::fs::metadata(folder.path().join(ENTRY)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn another_key_gives_another_hash() {
        let (one, other) = (Key::new().unwrap(), Key::new().unwrap());
        assert_eq!(one.keyed("badge", "90000001"), one.keyed("badge", "90000001"));
        assert_ne!(one.keyed("badge", "90000001"), other.keyed("badge", "90000001"));
        assert_ne!(one.keyed("badge", "90000001"), one.keyed("badge", "90000002"));
    }
}
