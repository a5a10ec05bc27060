//! PINs as Argon2id under the till's key.

use crate::keychain::{Key, hexadecimal};
use argon2::{Algorithm, Argon2, Params, Version};
use checkout::people::Role;
use database::people::PinHash;

/// What a guess costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Default for Cost {
    /// The least OWASP asks for.
    fn default() -> Self {
        Cost { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

const LENGTH: usize = 32;

/// A hash with its salt and what it cost, so that a dearer one later leaves the old ones readable.
pub(crate) fn hash(pin: &str, role: Role, key: &Key, cost: Cost) -> Option<PinHash> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).ok()?;
    let hash = derive(pin, &salt, key, cost)?;
    let Cost { memory_kib, passes, lanes } = cost;
    let text = format!("argon2id,{memory_kib},{passes},{lanes},{},{}", hexadecimal(&salt), hexadecimal(&hash));
    // Of the length only what it is enough for is kept.
    let digits = if pin.len() >= Role::Owner.least_pin_digits() { Role::Owner } else { role }.least_pin_digits();
    Some(PinHash { text, digits })
}

pub(crate) fn fits(pin: &str, stored: &PinHash, key: &Key) -> bool {
    let verify = || {
        let parts: Vec<&str> = stored.text.split(',').collect();
        let ["argon2id", memory_kib, passes, lanes, salt, hash] = parts.as_slice() else { return None };
        let cost = Cost { memory_kib: memory_kib.parse().ok()?, passes: passes.parse().ok()?, lanes: lanes.parse().ok()? };
        let tried = derive(pin, &bytes(salt)?, key, cost)?;
        let kept = bytes(hash)?;
        // All bytes are looked at, whatever the first difference.
        Some(kept.len() == LENGTH && kept.iter().zip(tried).fold(0, |found, (kept, tried)| found | (kept ^ tried)) == 0)
    };
    verify().unwrap_or(false)
}

fn derive(pin: &str, salt: &[u8], key: &Key, cost: Cost) -> Option<[u8; LENGTH]> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(LENGTH)).ok()?;
    let mut out = [0; LENGTH];
    let argon = Argon2::new_with_secret(key.bytes(), Algorithm::Argon2id, Version::V0x13, params).ok()?;
    argon.hash_password_into(pin.as_bytes(), salt, &mut out).ok()?;
    Some(out)
}

pub(crate) fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let pairs = hexadecimal.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keychain::Keychain;

    const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    #[test]
    fn a_pin_fits_its_own_hash_under_its_own_key_alone() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = Keychain::Folder(here.path().to_owned()).key(None).unwrap();
        let other = Keychain::Folder(there.path().to_owned()).key(None).unwrap();
        let stored = hash("471108", Role::Owner, &key, CHEAP).unwrap();
        assert!(fits("471108", &stored, &key));
        assert!(!fits("471109", &stored, &key));
        assert!(!fits("", &stored, &key));
        assert!(!fits("471108", &stored, &other), "without the key the PIN cannot be tried");
        assert!(!stored.text.contains("471108") && !format!("{stored:?}").contains("argon"));
        assert_ne!(hash("471108", Role::Owner, &key, CHEAP).unwrap().text, stored.text, "each has its salt");
    }

    #[test]
    fn of_the_length_only_what_it_is_enough_for_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let key = Keychain::Folder(folder.path().to_owned()).key(None).unwrap();
        let digits = |pin: &str| hash(pin, Role::Cashier, &key, CHEAP).unwrap().digits;
        assert_eq!((digits("4711"), digits("47110"), digits("471108"), digits("47110815")), (4, 4, 6, 6));
    }
}
