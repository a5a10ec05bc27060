//! The people a settings file brings. Their PINs are taken out of it before it is stored.

use super::{SettingsError, refused};
use checkout::people::Role;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonPart {
    name: String,
    role: String,
    pin: String,
}

/// A person as the settings file brings them.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPerson {
    pub name: String,
    pub role: Role,
    pub pin: String,
}

impl std::fmt::Debug for NewPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewPerson({}, {})", self.name, self.role.code())
    }
}

pub(super) fn read(parts: Vec<PersonPart>) -> Result<Vec<NewPerson>, SettingsError> {
    let mut people: Vec<NewPerson> = Vec::new();
    for (index, part) in parts.into_iter().enumerate() {
        let refused = |field: &str, message: &str| Err(refused(&format!("people[{index}].{field}"), message));
        let name = part.name.trim().to_owned();
        if name.is_empty() || people.iter().any(|other| other.name == name) {
            return refused("name", "a name that nobody else has is needed");
        }
        let Some(role) = Role::from_code(&part.role) else { return refused("role", "one of cashier, senior, supervisor, owner is needed") };
        if !role.takes_pin(&part.pin) {
            return refused("pin", &format!("a {} needs a PIN of at least {} digits", role.code(), role.least_pin_digits()));
        }
        people.push(NewPerson { name, role, pin: part.pin });
    }
    Ok(people)
}
