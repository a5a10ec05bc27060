//! The people a settings file brings. Their PINs are taken out of it before it is stored.

use super::{SettingsError, refused};
use crate::people::is_proper;
use checkout::people::{Person, Role};
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
        if !is_proper(&name) {
            return refused("name", "a name of at most 60 letters is needed");
        }
        if people.iter().any(|other| other.name == name) {
            return refused("name", "a name that nobody else in the file has is needed");
        }
        let Some(role) = Role::from_code(&part.role) else { return refused("role", "one of cashier, senior, supervisor, owner is needed") };
        if !role.takes_pin(&part.pin) {
            return refused("pin", &format!("a {} needs a PIN of at least {} digits", role.code(), role.least_pin_digits()));
        }
        people.push(NewPerson { name, role, pin: part.pin });
    }
    Ok(people)
}

/// With these people taken, beside those there are, somebody is left who can reach the settings.
pub(crate) fn leaves_an_owner(before: &[Person], new: &[NewPerson]) -> Result<(), SettingsError> {
    let stays = |person: &Person| person.role == Role::Owner && new.iter().all(|other| other.name != person.name);
    if new.is_empty() || before.iter().any(stays) || new.iter().any(|person| person.role == Role::Owner) {
        return Ok(());
    }
    Err(refused("people", "one of them must be the owner: without one nobody could change the settings or the people"))
}
