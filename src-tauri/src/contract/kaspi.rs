//! The page of the Kaspi terminal: how it is set up, how the till stands with it, and what stood in the way.

use serde::{Deserialize, Serialize};
use till::kaspi::{Distrust, Found, Heard, KaspiError, LinkFailure, NotRegistered, Standing, State, Trial, Unit};
use till::shop::KaspiForm;
use till::vault::SecretError;
use ts_rs::TS;

/// How the till and the terminal make sure of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KaspiSecurity {
    Open,
    Strict,
    Pinned,
    Insecure,
}

impl KaspiSecurity {
    const ALL: [KaspiSecurity; 4] = [KaspiSecurity::Open, KaspiSecurity::Strict, KaspiSecurity::Pinned, KaspiSecurity::Insecure];

    const fn code(self) -> &'static str {
        match self {
            KaspiSecurity::Open => "open",
            KaspiSecurity::Strict => "strict",
            KaspiSecurity::Pinned => "pinned",
            KaspiSecurity::Insecure => "insecure",
        }
    }

    /// Checked settings have no other code.
    fn of(code: &str) -> KaspiSecurity {
        KaspiSecurity::ALL.into_iter().find(|security| security.code() == code).unwrap_or(KaspiSecurity::Open)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KaspiSettings {
    /// `host:port`.
    pub address: String,
    pub security: KaspiSecurity,
    /// The name its certificate must be for; for `strict`.
    pub tls_name: String,
    /// What the terminal lists this till as.
    pub name: String,
    /// The till prints the bank slip.
    pub own_receipt: bool,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct KaspiUnit {
    pub serial: String,
    pub terminal: String,
}

/// How the terminal stands with this till.
#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KaspiPermission {
    /// It asks for none.
    NotNeeded,
    /// The till was never let in.
    None,
    LetIn,
    /// The terminal does not know the tokens any more.
    Forgotten,
}

/// What stands in the way. Each is a title and a text of the screen.
#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KaspiTrouble {
    NotReached,
    NoAnswer,
    NoTerminal,
    NoTls,
    CertificateTime,
    CertificateName,
    CertificateUnknown,
    CertificateOther,
    OtherKey,
    KeyToCompare,
    NotLetIn,
    OtherUnit,
    OpenMode,
    QuestionOpen,
    NameTaken,
    Refused,
    NobodyPressed,
    NotKept,
    NotRenewed,
    Registering,
    GivenUp,
    PaymentOpen,
    NoNetwork,
    NotFound,
    PassphraseMissing,
    WrongPassphrase,
    SecretUnusable,
}

/// How far a trial has come.
#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KaspiTrialStep {
    /// The terminal took nothing.
    NotPaid,
    /// Nobody knows yet whether it was paid.
    PaymentOpen,
    /// And not given back.
    Paid,
    /// Nobody knows yet whether it went back.
    RefundOpen,
    Returned,
}

/// The last payment of the smallest sum, made to see it come and go.
#[derive(Debug, Clone, Serialize, TS)]
pub struct KaspiTrial {
    pub step: KaspiTrialStep,
    /// The numbers of the two receipts.
    pub receipt: Option<String>,
    pub refund: Option<String>,
    /// The terminal's own words for what it did not do.
    pub said: String,
}

/// How the till stands with its terminal, as asked just now.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KaspiState {
    /// A payment would be begun.
    pub ready: bool,
    /// Something answers at the address that speaks as a terminal does.
    pub answers: bool,
    pub permission: KaspiPermission,
    /// The end of the tokens as the terminal writes it.
    pub ends: Option<String>,
    /// The unit that payments are bound to.
    pub unit: Option<KaspiUnit>,
    /// The one that answers.
    pub answering: Option<KaspiUnit>,
    pub trouble: Option<KaspiTrouble>,
    pub message: String,
    pub latency_ms: String,
    pub trial: Option<KaspiTrial>,
}

/// What became of an act; a refused one changed nothing.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum KaspiAnswer {
    State {
        state: Box<KaspiState>,
    },
    Refused {
        trouble: KaspiTrouble,
        /// The terminal's own words, or the machine's.
        message: String,
        /// The key to be compared.
        key: Option<String>,
    },
}

/// A terminal that was found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct KaspiFound {
    pub address: String,
    pub protected: bool,
    pub unit: Option<KaspiUnit>,
}

#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum KaspiSearch {
    Found { terminals: Vec<KaspiFound> },
    Refused { trouble: KaspiTrouble },
}

impl From<KaspiForm> for KaspiSettings {
    fn from(form: KaspiForm) -> KaspiSettings {
        let KaspiForm { address, security, tls_name, name, own_receipt } = form;
        KaspiSettings { address, security: KaspiSecurity::of(&security), tls_name, name, own_receipt }
    }
}

impl From<KaspiSettings> for KaspiForm {
    fn from(settings: KaspiSettings) -> KaspiForm {
        let KaspiSettings { address, security, tls_name, name, own_receipt } = settings;
        KaspiForm { address, security: security.code().to_owned(), tls_name, name, own_receipt }
    }
}

impl From<Unit> for KaspiUnit {
    fn from(Unit { serial, terminal }: Unit) -> KaspiUnit {
        KaspiUnit { serial, terminal }
    }
}

impl From<Found> for KaspiFound {
    fn from(Found { address, protected, unit }: Found) -> KaspiFound {
        KaspiFound { address, protected, unit: unit.map(KaspiUnit::from) }
    }
}

impl From<Trial> for KaspiTrial {
    fn from(trial: Trial) -> KaspiTrial {
        let none = KaspiTrial { step: KaspiTrialStep::PaymentOpen, receipt: None, refund: None, said: String::new() };
        let receipted = |receipt: i64| Some(receipt.to_string());
        match trial {
            Trial::NotPaid { said } => KaspiTrial { step: KaspiTrialStep::NotPaid, said, ..none },
            Trial::PaymentOpen => none,
            Trial::Paid { receipt, said } => KaspiTrial { step: KaspiTrialStep::Paid, receipt: receipted(receipt), said, ..none },
            Trial::RefundOpen { receipt } => KaspiTrial { step: KaspiTrialStep::RefundOpen, receipt: receipted(receipt), ..none },
            Trial::Returned { receipt, refund } => {
                KaspiTrial { step: KaspiTrialStep::Returned, receipt: receipted(receipt), refund: receipted(refund), ..none }
            }
        }
    }
}

impl From<State> for KaspiState {
    fn from(state: State) -> KaspiState {
        let ready = state.is_ready();
        let State { standing, ends, locked, unit, answers, latency_ms, trial, .. } = state;
        let permission = match standing {
            None => KaspiPermission::NotNeeded,
            Some(Standing::Unknown) => KaspiPermission::None,
            Some(Standing::LetIn) => KaspiPermission::LetIn,
            Some(Standing::Forgotten) => KaspiPermission::Forgotten,
        };
        let (heard, answering, message) = match answers {
            Heard::Unit(seen) => {
                (unit.as_ref().filter(|bound| **bound != seen).map(|_| KaspiTrouble::OtherUnit), Some(seen), String::new())
            }
            Heard::NotAllowed => (Some(KaspiTrouble::NotLetIn), None, String::new()),
            // A till that was never let in asks nothing, and that is no trouble of the link.
            Heard::Nothing(LinkFailure::NotSent(_)) if matches!(permission, KaspiPermission::None) => {
                (Some(KaspiTrouble::NotLetIn), None, String::new())
            }
            Heard::Nothing(failure) => (Some(unreached(&failure)), None, failure.to_string()),
        };
        let trouble = locked.as_ref().map(kept).or(heard);
        let answers = answering.is_some() || matches!(trouble, Some(KaspiTrouble::NotLetIn));
        KaspiState {
            ready,
            answers,
            permission,
            ends,
            unit: unit.map(KaspiUnit::from),
            answering: answering.map(KaspiUnit::from),
            trouble,
            message: locked.map_or(message, |locked| locked.to_string()),
            latency_ms: latency_ms.to_string(),
            trial: trial.map(KaspiTrial::from),
        }
    }
}

const fn unreached(failure: &LinkFailure) -> KaspiTrouble {
    match failure {
        LinkFailure::NotSent(_) => KaspiTrouble::NotReached,
        LinkFailure::NoReply(_) => KaspiTrouble::NoAnswer,
        LinkFailure::Cut(_) => KaspiTrouble::NoTerminal,
        LinkFailure::Distrusted(distrust) => match distrust {
            Distrust::OutOfTime => KaspiTrouble::CertificateTime,
            Distrust::WrongName => KaspiTrouble::CertificateName,
            Distrust::UnknownAuthority => KaspiTrouble::CertificateUnknown,
            Distrust::KeyChanged => KaspiTrouble::OtherKey,
            Distrust::NoTls => KaspiTrouble::NoTls,
            Distrust::Other => KaspiTrouble::CertificateOther,
        },
    }
}

const fn kept(refusal: &SecretError) -> KaspiTrouble {
    match refusal {
        SecretError::PassphraseMissing => KaspiTrouble::PassphraseMissing,
        SecretError::WrongPassphrase => KaspiTrouble::WrongPassphrase,
        SecretError::Unusable(_) => KaspiTrouble::SecretUnusable,
    }
}

impl From<&KaspiError> for KaspiTrouble {
    fn from(error: &KaspiError) -> KaspiTrouble {
        match error {
            KaspiError::OpenMode => KaspiTrouble::OpenMode,
            KaspiError::KeyToCompare(_) => KaspiTrouble::KeyToCompare,
            KaspiError::OtherKey { .. } => KaspiTrouble::OtherKey,
            KaspiError::NotReached(failure) => unreached(failure),
            KaspiError::NotRegistered(not) => match not {
                NotRegistered::QuestionOpen => KaspiTrouble::QuestionOpen,
                NotRegistered::NameTaken => KaspiTrouble::NameTaken,
                NotRegistered::Refused(_) => KaspiTrouble::Refused,
                NotRegistered::NoAnswer(_) => KaspiTrouble::NobodyPressed,
                NotRegistered::NotReached(failure) => unreached(failure),
                NotRegistered::NotKept(_) => KaspiTrouble::NotKept,
            },
            KaspiError::NotRenewed(_) => KaspiTrouble::NotRenewed,
            KaspiError::Registering => KaspiTrouble::Registering,
            KaspiError::GivenUp => KaspiTrouble::GivenUp,
            KaspiError::PaymentOpen(_) => KaspiTrouble::PaymentOpen,
            KaspiError::NoNetwork => KaspiTrouble::NoNetwork,
            KaspiError::NotFound(_) => KaspiTrouble::NotFound,
            KaspiError::Secret(refusal) => kept(refusal),
        }
    }
}

impl From<State> for KaspiAnswer {
    fn from(state: State) -> KaspiAnswer {
        KaspiAnswer::State { state: Box::new(state.into()) }
    }
}

impl From<&KaspiError> for KaspiAnswer {
    fn from(error: &KaspiError) -> KaspiAnswer {
        let key = match error {
            KaspiError::KeyToCompare(key) | KaspiError::OtherKey { seen: key } => Some(key.to_string()),
            _ => None,
        };
        KaspiAnswer::Refused { trouble: error.into(), message: error.to_string(), key }
    }
}
