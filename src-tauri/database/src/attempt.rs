//! Attempts to move money: the intent before the first byte, then one event at a time.

use crate::batch::Batch;
use crate::journal::{Act, Head};
use crate::refund;
use crate::sale::{Standing, close, insert_tender, remember, store};
use crate::stored_sale::{Closed, StoredSale, load as load_sale};
use crate::text::{coded, damaged, id, money};
use crate::{DatabaseError, Ledger, stamp};
use checkout::money::Currency;
use checkout::payment::{
    Attempt, AttemptId, AttemptKind, AttemptState, CommittedIntent, Device, Effect, Event, Illegal, Reason, RefundId, SaleId, Slip,
    Transition, apply,
};
use checkout::sale::{Sale, SaleError};
use checkout::tender::TenderKind;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, SqliteConnection, Transaction};

/// When the device was last asked a question it allows only now and then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub count: i64,
    pub at: String,
    /// Which run of the machine the clock below belongs to.
    pub boot: String,
    /// Milliseconds since that boot.
    pub up_ms: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct StoredAttempt {
    pub attempt: Attempt,
    pub started_at: String,
    pub changed_at: String,
    pub asked: Option<Asked>,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    pub attempt: Attempt,
    /// False where the event told nothing new and nothing was written.
    pub changed: bool,
    /// Set when this event paid the rest of the sale, or gave back the rest of a refund.
    pub closed: Option<Closed>,
}

impl Ledger {
    /// Commits the intent, with the sale as it stands. Only after this may a byte leave.
    pub async fn intend(&self, sale: &Sale, attempt: Attempt, act: &Act, command: uuid::Uuid) -> Result<CommittedIntent, DatabaseError> {
        let mut transaction = self.begin().await?;
        let mut standing = Standing::to_write(&mut transaction, sale).await?;
        let mut batch = Batch::default();
        store(&mut batch, &standing, sale, act)?;
        insert_intent(&mut batch, &mut standing, &attempt, act, command);
        #[cfg(feature = "broken")]
        if checkout::broken::Broken::NextBeforeFinal.is_on() {
            sqlx::query("DROP INDEX IF EXISTS attempt_open_on_device").execute(&mut *transaction).await?;
        }
        tracing::trace!(target: "step", "before the intent is written");
        batch.run(&mut transaction).await.map_err(open_on_device)?;
        tracing::trace!(target: "step", "the intent is written");
        self.commit_intent(transaction, &standing.head, attempt).await
    }

    /// The one place where an intent is attested: once it is on the disk.
    pub(crate) async fn commit_intent(
        &self,
        transaction: Transaction<'static, Sqlite>,
        head: &Head,
        attempt: Attempt,
    ) -> Result<CommittedIntent, DatabaseError> {
        self.commit_in_time(transaction, head).await?;
        tracing::trace!(target: "step", "the intent is committed");
        Ok(CommittedIntent::attest(attempt))
    }

    async fn commit_in_time(&self, transaction: Transaction<'static, Sqlite>, head: &Head) -> Result<(), DatabaseError> {
        #[cfg(feature = "broken")]
        if checkout::broken::Broken::IntentAfterFirstByte.is_on() {
            tokio::spawn(async move {
                for _ in 0..4 {
                    tokio::task::yield_now().await;
                }
                transaction.commit().await
            });
            return Ok(());
        }
        self.commit(transaction, head).await
    }

    /// Applies an event by the rules and stores what follows from it in one commit: the attempt, the tender,
    /// and the close of the sale when nothing is left due.
    pub async fn record(&self, attempt: AttemptId, event: &Event, act: &Act) -> Result<Recorded, DatabaseError> {
        let mut transaction = self.begin().await?;
        let before = load(&mut transaction, attempt).await?;
        if let Event::Accepted { operation_id } = event {
            not_of_another(&mut transaction, &before.attempt, operation_id).await?;
        }
        let Transition { attempt, changed, effects } = apply(&before.attempt, event)?;
        if !changed {
            return Ok(Recorded { attempt, changed, closed: None });
        }
        let mut standing = Standing::of(&mut transaction, attempt.sale).await?;
        let mut batch = Batch::default();
        update(&mut batch, &attempt, act);
        standing.head.append(&mut batch, act, "attempt", &attempt.id.to_string(), told(event, &attempt));
        let (mut closed, mut refunded) = (None, None);
        for effect in effects {
            match effect {
                Effect::TakeTender if attempt.kind == AttemptKind::Refund => {
                    refunded = refund::take(&mut transaction, &mut batch, &mut standing, &attempt, act).await?;
                }
                Effect::TakeTender => {
                    let sale = with_tender(&mut transaction, &mut batch, &before.attempt, &attempt).await?;
                    if standing.is_open() && sale.is_paid()? {
                        closed = Some((close(&mut batch, &mut standing, &sale, act)?, sale));
                    }
                }
                Effect::RaiseWrongAmount => alarm(&mut standing, &mut batch, "wrong_amount", &attempt, act),
                Effect::RaiseReturn => alarm(&mut standing, &mut batch, "return_one_of_them", &attempt, act),
                Effect::RaiseContradiction => alarm(&mut standing, &mut batch, "decision_contradicted", &attempt, act),
            }
        }
        tracing::trace!(target: "step", "before {} is written", event.code());
        batch.run(&mut transaction).await?;
        tracing::trace!(target: "step", "{} is written", event.code());
        self.commit(transaction, &standing.head).await?;
        tracing::trace!(target: "step", "{} is committed", event.code());
        if let Some((_, sale)) = &closed {
            self.note_closed(sale);
        }
        let closed = closed.map(|(closed, _)| closed).or(refunded);
        Ok(Recorded { attempt, changed, closed })
    }

    /// Notes that the device is about to be asked. Not a fact about money, so not in the journal.
    pub async fn note_question(&self, attempt: AttemptId, act: &Act, boot: &str, up_ms: i64) -> Result<(), DatabaseError> {
        sqlx::query("UPDATE attempt SET asked_count = asked_count + 1, asked_at = ?, asked_boot = ?, asked_up_ms = ? WHERE id = ?")
            .bind(stamp(&act.at))
            .bind(boot)
            .bind(up_ms)
            .bind(attempt.to_string())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    pub async fn attempt(&self, attempt: AttemptId) -> Result<StoredAttempt, DatabaseError> {
        let mut connection = self.reader.acquire().await?;
        load(&mut connection, attempt).await
    }

    /// All attempts, or the open ones alone, oldest first.
    pub async fn attempts(&self, open_only: bool) -> Result<Vec<StoredAttempt>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM attempt WHERE NOT ? OR state IN ('intended', 'pending', 'unknown') ORDER BY started_at, id")
            .bind(open_only)
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(stored).collect()
    }

    /// Attempts a person decided that a device may still tell of, and those where one of two payments must go back.
    pub async fn attempts_to_watch(&self) -> Result<Vec<StoredAttempt>, DatabaseError> {
        let rows =
            sqlx::query("SELECT * FROM attempt WHERE by_hand OR late_success ORDER BY started_at, id").fetch_all(&self.reader).await?;
        rows.iter().map(stored).collect()
    }

    /// The attempts of a sale in their order.
    pub async fn attempts_of(&self, sale: SaleId) -> Result<Vec<StoredAttempt>, DatabaseError> {
        let rows =
            sqlx::query("SELECT * FROM attempt WHERE sale_id = ? ORDER BY ordinal").bind(sale.to_string()).fetch_all(&self.reader).await?;
        rows.iter().map(stored).collect()
    }
}

/// Writes an attempt as it is before any byte has left.
pub(crate) fn insert_intent(batch: &mut Batch, standing: &mut Standing, attempt: &Attempt, act: &Act, command: uuid::Uuid) {
    let (id, moment) = (attempt.id.to_string(), stamp(&act.at));
    let refund = attempt.refund.map(|refund| refund.to_string());
    batch
        .then(
            "INSERT INTO attempt (id, sale_id, ordinal, device, kind, refund_id, amount_minor, currency, state, started_at, changed_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'intended', ?, ?)",
        )
        .bind(id.as_str())
        .bind(attempt.sale.to_string())
        .bind(attempt.ordinal)
        .bind(attempt.device.code())
        .bind(attempt.kind.code())
        .bind(refund.clone())
        .bind(attempt.amount.minor())
        .bind(attempt.amount.currency().facts().code)
        .bind(moment.as_str())
        .bind(moment.as_str());
    let mut body = json!({
        "event": "intended", "sale": attempt.sale.to_string(), "ordinal": attempt.ordinal, "device": attempt.device.code(),
        "attempt_kind": attempt.kind.code(), "amount_minor": attempt.amount.minor(), "currency": attempt.amount.currency().facts().code,
    });
    if let Some(refund) = refund {
        body["refund"] = refund.into();
    }
    standing.head.append(batch, act, "attempt", &id, body);
    remember(batch, command, &id);
}

/// The unique index on open attempts is the last guard of "one in flight per device".
pub(crate) fn open_on_device(error: DatabaseError) -> DatabaseError {
    match &error {
        DatabaseError::Sql(sqlx::Error::Database(cause)) if cause.is_unique_violation() && cause.message().contains("attempt.device") => {
            DatabaseError::DeviceBusy
        }
        _ => error,
    }
}

/// The attempt's sale, what the attempt took counted in it.
async fn with_tender(
    connection: &mut SqliteConnection,
    batch: &mut Batch,
    before: &Attempt,
    attempt: &Attempt,
) -> Result<Sale, DatabaseError> {
    let Some(StoredSale { mut sale, closed, void, .. }) = load_sale(connection, attempt.sale).await? else {
        return Err(damaged(format!("attempt {} belongs to no sale", attempt.id)));
    };
    let kind = TenderKind::of(attempt.device);
    // An open attempt holds its sale open. One that had ended did not: a late yes counts only where it is still due.
    if !before.state.is_open() {
        if closed.is_some() || void {
            return Err(SaleError::NothingDue.into());
        }
        let (asked, due) = (attempt.counted(), sale.due_by(kind)?);
        if asked.least(due)? != asked {
            return Err(SaleError::TooMuch { asked, due }.into());
        }
    }
    sale.take_device(kind, attempt)?;
    for tender in sale.tenders.iter().filter(|tender| tender.attempt == Some(attempt.id)) {
        insert_tender(batch, &sale.id.to_string(), tender);
    }
    Ok(sale)
}

/// An operation belongs to one attempt: what became of one payment must not be told of another.
async fn not_of_another(connection: &mut SqliteConnection, attempt: &Attempt, operation_id: &str) -> Result<(), DatabaseError> {
    let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM attempt WHERE device = ? AND operation_id = ? AND id <> ?")
        .bind(attempt.device.code())
        .bind(operation_id)
        .bind(attempt.id.to_string())
        .fetch_optional(connection)
        .await?;
    match known {
        Some(_) => Err(Illegal::OperationOfAnother(operation_id.to_owned()).into()),
        None => Ok(()),
    }
}

fn alarm(standing: &mut Standing, batch: &mut Batch, kind: &str, attempt: &Attempt, act: &Act) {
    let body = json!({
        "sale": attempt.sale.to_string(), "asked_minor": attempt.amount.minor(),
        "answered_minor": attempt.answered.map(|answered| answered.minor()),
    });
    standing.head.append(batch, act, kind, &attempt.id.to_string(), body);
}

/// An event as the journal keeps it.
fn told(event: &Event, after: &Attempt) -> Value {
    let mut body = json!({ "event": event.code(), "attempt_kind": after.kind.code(), "state": after.state.code(), "amount_minor": after.amount.minor(),
        "late": after.late_success });
    match event {
        Event::NotStarted { reason, message }
        | Event::Doubt { reason, message }
        | Event::Declined { reason, message }
        | Event::Cancelled { reason, message } => {
            body["reason"] = reason.code().into();
            body["message"] = message.clone().into();
        }
        Event::Accepted { operation_id } => body["operation_id"] = operation_id.as_str().into(),
        Event::Approved { answer } => {
            body["answered_minor"] = answer.amount.minor().into();
            body["references"] = json!(answer.references);
            body["slip"] = json!(answer.slip.fields);
        }
        Event::Resolved { resolution } => {
            body["decision"] = resolution.decision.code().into();
            body["by"] = resolution.by.as_str().into();
            body["why"] = resolution.reason.as_str().into();
            body["reference"] = resolution.reference.as_str().into();
            body["evidence"] = resolution.evidence.as_str().into();
            body["counted_minor"] = after.counted().minor().into();
        }
    }
    body
}

fn update(batch: &mut Batch, attempt: &Attempt, act: &Act) {
    batch
        .then(
            "UPDATE attempt SET state = ?, reason = ?, by_hand = ?, operation_id = ?, message = ?, answered_minor = ?,
             reference_list = ?, slip = ?, late_success = ?, changed_at = ? WHERE id = ?",
        )
        .bind(attempt.state.code())
        .bind(attempt.reason.map(Reason::code))
        .bind(attempt.by_hand)
        .bind(attempt.operation_id.clone())
        .bind(attempt.message.clone())
        .bind(attempt.answered.map(|answered| answered.minor()))
        .bind(json!(attempt.references).to_string())
        .bind(json!(attempt.slip.fields).to_string())
        .bind(attempt.late_success)
        .bind(stamp(&act.at))
        .bind(attempt.id.to_string());
}

async fn load(connection: &mut SqliteConnection, attempt: AttemptId) -> Result<StoredAttempt, DatabaseError> {
    let row = sqlx::query("SELECT * FROM attempt WHERE id = ?").bind(attempt.to_string()).fetch_optional(connection).await?;
    stored(&row.ok_or_else(|| DatabaseError::NotFound(format!("payment attempt {attempt}")))?)
}

pub(crate) fn stored(row: &SqliteRow) -> Result<StoredAttempt, DatabaseError> {
    let currency = coded(&row.try_get::<String, _>("currency")?, Currency::from_code)?;
    let reason = match row.try_get::<Option<String>, _>("reason")? {
        Some(code) => Some(coded(&code, Reason::from_code)?),
        None => None,
    };
    let answered = match row.try_get::<Option<i64>, _>("answered_minor")? {
        Some(minor) => Some(money(minor, currency)?),
        None => None,
    };
    let attempt = Attempt {
        id: AttemptId(id(&row.try_get::<String, _>("id")?)?),
        sale: SaleId(id(&row.try_get::<String, _>("sale_id")?)?),
        ordinal: row.try_get("ordinal")?,
        device: coded(&row.try_get::<String, _>("device")?, Device::from_code)?,
        kind: coded(&row.try_get::<String, _>("kind")?, AttemptKind::from_code)?,
        refund: row.try_get::<Option<String>, _>("refund_id")?.map(|refund| Ok::<_, DatabaseError>(RefundId(id(&refund)?))).transpose()?,
        amount: money(row.try_get("amount_minor")?, currency)?,
        state: coded(&row.try_get::<String, _>("state")?, AttemptState::from_code)?,
        reason,
        by_hand: row.try_get("by_hand")?,
        operation_id: row.try_get("operation_id")?,
        message: row.try_get("message")?,
        answered,
        references: serde_json::from_str(&row.try_get::<String, _>("reference_list")?)
            .map_err(|_| damaged("the references of an attempt"))?,
        slip: Slip { fields: serde_json::from_str(&row.try_get::<String, _>("slip")?).map_err(|_| damaged("the slip of an attempt"))? },
        late_success: row.try_get("late_success")?,
    };
    let asked =
        match (row.try_get::<Option<String>, _>("asked_at")?, row.try_get::<Option<String>, _>("asked_boot")?, row.try_get("asked_up_ms")?)
        {
            (Some(at), Some(boot), Some(up_ms)) => Some(Asked { count: row.try_get("asked_count")?, at, boot, up_ms }),
            _ => None,
        };
    Ok(StoredAttempt { attempt, started_at: row.try_get("started_at")?, changed_at: row.try_get("changed_at")?, asked })
}
