//! What a command says and how it ends.

use checkout::payment::AttemptState;
use checkout::sale::SaleError;
use serde_json::{Value, json};
use std::io::Write;
use std::process::ExitCode;
use till::instance::InstanceError;
use till::kaspi::{Distrust, KaspiError, LinkFailure, NotRegistered};
use till::keychain::KeyError;
use till::people::PeopleError;
use till::records::Records;
use till::settings::SettingsError;
use till::{Entry, StoredAttempt, TillError};

/// A command's result: the object for scripts, the text for people, the exit code.
pub struct Answer {
    pub object: Value,
    pub text: String,
    pub code: u8,
}

impl Answer {
    pub fn done(object: Value, text: String) -> Answer {
        Answer { object, text, code: 0 }
    }

    pub fn print(self, json: bool) -> ExitCode {
        let mut out = std::io::stdout().lock();
        // A closed pipe is the reader's choice, not a failure of the sale.
        let _ = if json { writeln!(out, "{}", self.object) } else { write!(out, "{}", self.text) };
        ExitCode::from(self.code)
    }
}

const DAMAGED: &str = "nothing was sold and nothing was summed up; keep the folder as it is and put the newest copy in its place. \
    kassactl journal export writes out what can be read. Where an older copy is all there is, take ledger.head out of the folder: \
    what was written after that copy is then gone";

/// Why a command did not do what it was asked.
pub struct Failed {
    code: &'static str,
    message: String,
    hint: Option<String>,
    path: Option<String>,
    details: Box<Value>,
    exit: u8,
}

impl Failed {
    fn new(exit: u8, code: &'static str, message: impl Into<String>) -> Failed {
        Failed { code, message: message.into(), hint: None, path: None, details: Box::default(), exit }
    }

    pub fn usage(message: &str) -> Failed {
        Failed::new(2, "usage", message).hint("kassactl --help shows the commands")
    }

    pub fn refused(code: &'static str, message: impl Into<String>) -> Failed {
        Failed::new(3, code, message)
    }

    pub fn internal(message: &str) -> Failed {
        Failed::new(1, "internal", message)
    }

    /// A file the caller named cannot be read or written.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Failed {
        Failed::new(2, "file", format!("{}: {error}", path.display()))
    }

    pub fn hint(mut self, hint: &str) -> Failed {
        self.hint = Some(hint.to_owned());
        self
    }

    pub fn details(mut self, details: Value) -> Failed {
        self.details = Box::new(details);
        self
    }

    /// For an answer that carries more than the refusal.
    pub fn text(&self) -> String {
        format!("{}\n", self.message)
    }

    pub fn exit(&self) -> u8 {
        self.exit
    }

    pub fn object(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message, "hint": self.hint });
        if let Some(path) = &self.path {
            error["path"] = path.as_str().into();
        }
        if !self.details.is_null() {
            error["details"] = (*self.details).clone();
        }
        error
    }

    pub fn print(self, json: bool) -> ExitCode {
        if json {
            let _ = writeln!(std::io::stdout(), "{}", json!({ "error": self.object() }));
        } else {
            let path = self.path.map(|path| format!("{path}: ")).unwrap_or_default();
            let _ = writeln!(std::io::stderr(), "kassactl: {path}{}", self.message);
            if let Some(hint) = self.hint {
                let _ = writeln!(std::io::stderr(), "  {hint}");
            }
        }
        ExitCode::from(self.exit)
    }
}

impl From<TillError> for Failed {
    fn from(error: TillError) -> Failed {
        let message = error.to_string();
        match error {
            TillError::Instance(InstanceError::Taken) => {
                Failed::new(13, "another_instance", message).hint("close Kassa on this machine, or use a command that only reads")
            }
            TillError::Instance(InstanceError::Unusable(_)) => {
                Failed::new(2, "folder", message).hint("nothing was begun; make room on the disk, and let this user write to the folder")
            }
            TillError::Settings(SettingsError::Malformed { path, message }) => {
                Failed { path: Some(path), ..Failed::new(3, "settings", message) }
            }
            TillError::Settings(SettingsError::Refused { path, message } | SettingsError::Held { path, message }) => {
                Failed { path: Some(path), ..Failed::new(3, "settings", message) }
            }
            TillError::NoShop => Failed::new(3, "no_shop", message).hint("kassactl --data DIR init --settings shop.json"),
            TillError::UnknownCode(_) => Failed::new(3, "unknown_code", message).hint("nothing was added; import the goods first"),
            TillError::Barcode(_) => Failed::new(3, "barcode", message),
            TillError::UnknownLabel(_) => Failed::new(3, "unknown_label", message).hint("nothing was added; import the goods first"),
            TillError::CustomerCard(_) => Failed::new(3, "customer_card", message),
            TillError::Import(_) => Failed::new(1, "import", message).hint("nothing was imported; goods and sales are as they were"),
            TillError::DeviceBusy => {
                Failed::new(3, "device_busy", message).hint("kassactl recover asks the device what became of it; nothing is charged")
            }
            TillError::Sale(SaleError::Marking(_)) => Failed::new(3, "marking", message).hint("nothing was added and nothing was charged"),
            TillError::Sale(_) => Failed::new(3, "sale", message),
            TillError::Refund(_) => Failed::new(3, "refund", message).hint("nothing more was given back"),
            TillError::NoDevice(_) => Failed::new(3, "no_device", message).hint("add it under devices in shop.json and run init again"),
            TillError::Decision(_) => Failed::new(3, "decision", message).hint("nothing was written down"),
            TillError::MoreThanDue => Failed::new(3, "more_than_due", message).hint("nothing was written down; --as returned, once it went back"),
            TillError::DecidedAlready(_) => {
                Failed::new(3, "decided_already", message).hint("nothing was written down; kassactl attempts says how it ended")
            }
            TillError::CommandReused => Failed::new(3, "command_reused", message),
            TillError::NotFound(_) => Failed::new(3, "not_found", message),
            TillError::Goods(_) => Failed::new(3, "goods", message),
            TillError::ImportUnderWay => Failed::new(3, "import_under_way", message),
            TillError::Receipt(_) => Failed::new(1, "receipt", message),
            TillError::SignInNeeded => Failed::new(3, "sign_in_needed", "this shop has people, and writing is done in somebody's name")
                .hint("--user NAME, with the PIN in KASSA_PIN; nothing was changed"),
            TillError::NotAllowed(_) => Failed::new(3, "not_allowed", message).hint("nothing was changed"),
            TillError::NeedsApproval(_) => {
                Failed::new(3, "needs_approval", message).hint("nothing was changed; give the command as somebody who may: --user NAME")
            }
            TillError::ApprovalGone => Failed::new(3, "approval_gone", message),
            TillError::People(refusal) => people(&refusal),
            TillError::Key(KeyError::Lost) => Failed::new(3, "key_lost", message)
                .hint("nothing was changed and the sales are safe; bring the key back to where KASSA_KEYS or the keychain had it. Only if it is gone for good: kassactl init --settings shop.json --replace-lost-key REASON gives the people in shop.json new PINs, and the journal says so"),
            TillError::Key(KeyError::NotLost) => Failed::new(3, "key_not_lost", message).hint("nothing was changed; an owner gives new PINs"),
            TillError::Key(KeyError::Unusable(_)) => Failed::new(1, "key", message),
            TillError::Kaspi(refusal) => kaspi(&refusal),
            TillError::Damaged(_) => Failed::new(1, "damaged", message).hint(DAMAGED),
            TillError::Storage(_) => {
                Failed::new(1, "storage", message).hint("what was answered as done is safe, this was not written; make room on the disk, then kassactl recover, and give the same --id again: nothing is charged twice")
            }
        }
    }
}

const NAME_TAKEN: &str = "on the terminal: Панель администратора, Защита интеграции; forbid this till in the list (Запретить), then register again. \
    Or give the till another devices.kaspi.name";
const QUESTION_OPEN: &str = "the terminal still shows the question of a till: press Разрешить or Запретить there, then register again";
const NO_ANSWER: &str = "on the terminal: Панель администратора, Защита интеграции, Настроить доступ; then register again and press Разрешить \
    within three minutes";

fn kaspi(refusal: &KaspiError) -> Failed {
    let message = refusal.to_string();
    match refusal {
        KaspiError::OpenMode => {
            Failed::new(3, "open_mode", message).hint("devices.kaspi.security in shop.json says how the terminal is protected")
        }
        KaspiError::KeyToCompare(key) => Failed::new(3, "key_to_compare", message)
            .details(json!({ "key": key.to_string() }))
            .hint("nothing was sent; compare it over another way, then give it with --trust-key"),
        KaspiError::OtherKey { seen } => Failed::new(3, "other_key", message)
            .details(json!({ "key": seen.to_string() }))
            .hint("nothing was sent; if the terminal was replaced, compare the new key and give it with --trust-key"),
        KaspiError::NotReached(failure) => Failed::new(12, "not_reached", message).hint(reach(failure)),
        KaspiError::NotRegistered(not) => match not {
            NotRegistered::QuestionOpen => Failed::new(3, "question_open", message).hint(QUESTION_OPEN),
            NotRegistered::NameTaken => Failed::new(3, "name_taken", message).hint(NAME_TAKEN),
            NotRegistered::Refused(_) => Failed::new(3, "not_let_in", message).hint(NO_ANSWER),
            NotRegistered::NoAnswer(_) => Failed::new(12, "no_answer", message).hint(NO_ANSWER),
            NotRegistered::NotReached(failure) => Failed::new(12, "not_reached", message).hint(reach(failure)),
            NotRegistered::NotKept(_) => Failed::new(3, "not_kept", message).hint(NAME_TAKEN),
        },
        KaspiError::NotRenewed(_) => Failed::new(12, "not_renewed", message)
            .hint("the old tokens stay in use; where the terminal forgot them: kassactl kaspi register"),
        KaspiError::Registering | KaspiError::GivenUp => Failed::new(3, "not_let_in", message).hint(QUESTION_OPEN),
        KaspiError::NoNetwork => Failed::new(3, "no_network", message).hint("nothing was asked; give its beginning with --network"),
        KaspiError::PaymentOpen(_) => Failed::new(3, "payment_open", message),
        KaspiError::NotFound(_) => {
            Failed::new(3, "not_found", message).hint("nothing was changed; kassactl kaspi discover shows what answers")
        }
        KaspiError::Secret(_) => Failed::new(3, "secret", message).hint("nothing was asked; give the passphrase in KASSA_PASSPHRASE"),
    }
}

fn reach(failure: &LinkFailure) -> &'static str {
    match failure {
        LinkFailure::Distrusted(Distrust::OutOfTime) => "look at this machine's date first; nothing was sent",
        LinkFailure::Distrusted(Distrust::NoTls) => {
            "the terminal's protection is off: switch it on there, or set security to open; nothing was sent"
        }
        LinkFailure::Distrusted(_) => "somebody else may stand at the address; nothing was sent",
        LinkFailure::NotSent(_) => "is the terminal on, in this network, at this address? kassactl kaspi discover looks for it",
        LinkFailure::NoReply(_) | LinkFailure::Cut(_) => "if the terminal is protected, devices.kaspi.security must not be open",
    }
}

fn people(refusal: &PeopleError) -> Failed {
    let message = refusal.to_string();
    match refusal {
        PeopleError::WrongPin(wait) | PeopleError::UnknownBadge(wait) => {
            Failed::new(3, "wrong_pin", message).details(json!({ "tries_left": wait.tries_left, "wait_ms": wait.wait_ms }))
        }
        PeopleError::BadPin(_) => Failed::new(3, "bad_pin", message),
        PeopleError::BadName => Failed::new(3, "bad_name", message),
        PeopleError::NotABadge => Failed::new(3, "not_a_badge", message),
        PeopleError::BadBadge => Failed::new(3, "bad_badge", message),
        PeopleError::ReasonMissing => Failed::new(3, "reason_missing", message),
        PeopleError::LastOwner => Failed::new(3, "last_owner", message),
    }
}

/// An attempt as the contract shows it, with its history from the journal.
pub async fn attempt_object(records: &Records, stored: &StoredAttempt) -> Result<Value, TillError> {
    let attempt = &stored.attempt;
    let mut references = serde_json::Map::new();
    for (name, value) in &attempt.references {
        references.insert(name.clone(), value.as_str().into());
    }
    if let Some(operation) = &attempt.operation_id {
        references.insert("process_id".to_owned(), operation.as_str().into());
    }
    let (mut history, mut resolutions) = (Vec::new(), Vec::new());
    for entry in records.history(&attempt.id.to_string()).await? {
        if entry.body["event"] == "resolved" {
            resolutions.push(resolution_object(&entry));
        }
        let mut told = json!({ "seq": entry.seq, "at": entry.at, "event": entry.kind });
        if let (Some(fields), Some(told)) = (entry.body.as_object(), told.as_object_mut()) {
            told.extend(fields.clone());
        }
        history.push(told);
    }
    Ok(json!({
        "id": attempt.id.to_string(), "sale_id": attempt.sale.to_string(), "device": attempt.device.code(),
        "kind": attempt.kind.code(), "state": attempt.state.code(), "reason": attempt.reason.map(|reason| reason.code()),
        "by_hand": attempt.by_hand, "amount_minor": attempt.amount.minor(), "currency": attempt.amount.currency().facts().code,
        "references": references, "message": attempt.message, "late_success": attempt.late_success, "resolutions": resolutions,
        "history": history,
    }))
}

/// A decision by hand: what, who, why, when and on what evidence.
pub fn resolution_object(entry: &Entry) -> Value {
    let body = &entry.body;
    json!({
        "at": entry.at, "attempt": entry.subject, "decision": body["decision"], "by": body["by"], "reason": body["why"],
        "reference": body["reference"], "evidence": body["evidence"], "amount_minor": body["amount_minor"],
        "who": entry.who.as_ref().map(|who| who.name.as_str()),
    })
}

/// One line for people, and one more for each decision by hand.
pub async fn attempt_lines(records: &Records, stored: &StoredAttempt) -> Result<String, TillError> {
    let attempt = &stored.attempt;
    let reason = attempt.reason.map(|reason| format!(" ({})", reason.code())).unwrap_or_default();
    let late = if attempt.late_success { "  money to count or give back" } else { "" };
    let mut lines = format!("{}  {}  {}  {}{reason}{late}\n", attempt.id, attempt.device.code(), attempt.amount, attempt.state.code());
    for entry in records.history(&attempt.id.to_string()).await?.iter().filter(|entry| entry.body["event"] == "resolved") {
        let part = |name: &str| entry.body[name].as_str().unwrap_or_default();
        let told: Vec<&str> = ["by", "why", "reference", "evidence"].into_iter().map(part).filter(|told| !told.is_empty()).collect();
        lines.push_str(&format!("  resolved by hand as {} at {}: {}\n", part("decision"), entry.at, told.join(", ")));
    }
    Ok(lines)
}

/// The exit code an attempt's state stands for.
pub const fn exit_of(state: AttemptState) -> u8 {
    match state {
        AttemptState::Approved => 0,
        AttemptState::Declined | AttemptState::Cancelled => 10,
        AttemptState::Intended | AttemptState::Pending | AttemptState::Unknown => 11,
        AttemptState::NotStarted => 12,
    }
}
