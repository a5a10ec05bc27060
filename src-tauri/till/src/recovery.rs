//! Start-up: what the last run left. The same machine and the same drivers as in the running till; nothing
//! is ever started again, only asked about.

use crate::clock::Clock;
use crate::discount::Allowed;
use crate::settings::Settings;
use crate::showing::Showing;
use crate::{Asked, Held, StoredAttempt, TillError};
use checkout::payment::{AttemptKind, SaleId};
use checkout::sale::Sale;
use database::Ledger;
use database::draft::Draft;

pub(crate) struct Left {
    pub sale: Sale,
    pub showing: Showing,
    /// To be asked about: the open ones, and those a person decided of which the device may still tell.
    pub attempts: Vec<StoredAttempt>,
}

/// A terminal keeps the result of an operation for so long. It is asked until so much has passed for certain: rather too
/// long than not long enough.
const RETENTION_MS: i64 = 24 * 3_600_000;

/// The cart as it was, and the attempts that are not final.
pub(crate) async fn what_was_left(
    ledger: &Ledger,
    draft: Option<&Draft>,
    settings: &Settings,
    clock: &dyn Clock,
) -> Result<Left, TillError> {
    let open_attempts = ledger.attempts(true).await?;
    let attempts = to_ask(ledger, clock, &open_attempts).await?;
    let drafted = match draft {
        Some(draft) => draft.load().await?,
        None => None,
    };
    let last_ticket = ledger.last_ticket().await?;
    let fresh = |last: i64| Sale::new(SaleId(clock.new_id()), last + 1, settings.terms);
    let Some(drafted) = drafted.filter(|sale| sale.currency() == settings.currency) else {
        // The cart may be lost to a power cut; a sale being paid is in the ledger too.
        let newest = open_attempts.iter().rfind(|open| open.attempt.kind == AttemptKind::Payment);
        let paying = newest.filter(|_| draft.is_some()).map(|open| open.attempt.clone());
        if let Some(attempt) = paying
            && let Some(stored) = ledger.sale(attempt.sale).await?
        {
            return Ok(Left { sale: stored.sale, showing: Showing::Attempt { attempt: attempt.id }, attempts });
        }
        return Ok(Left { sale: fresh(last_ticket), showing: Showing::Sale, attempts });
    };
    let stored = ledger.sale(drafted.id).await?;
    if stored.as_ref().is_some_and(|stored| stored.void) {
        return Ok(Left { sale: fresh(last_ticket.max(drafted.ticket)), showing: Showing::Sale, attempts });
    }
    if let Some(done) = stored.as_ref().filter(|stored| stored.closed.is_some()) {
        let showing = Showing::Done { sale: drafted.id };
        return Ok(Left { sale: done.sale.clone(), showing, attempts });
    }
    let paying = open_attempts.iter().find(|open| open.attempt.sale == drafted.id).map(|open| open.attempt.id);
    // What a device has taken is in the ledger; the goods of a sale being paid are those it was started with.
    let parked = drafted.parked;
    let mut sale = match stored {
        Some(stored) if paying.is_some() || !stored.sale.tenders.is_empty() => stored.sale,
        _ => drafted,
    };
    sale.parked = parked;
    let showing = paying.map_or(Showing::Sale, |attempt| Showing::Attempt { attempt });
    Ok(Left { sale, showing, attempts })
}

/// What was allowed of the prices of sales that are not over.
pub(crate) async fn what_was_allowed(draft: Option<&Draft>, ledger: &Ledger, in_hand: SaleId, held: &[Held]) -> Result<Allowed, TillError> {
    let Some(draft) = draft else { return Ok(Allowed::new()) };
    let open = ledger.open_sales().await?;
    let open = open.iter().map(|stored| stored.sale.id).chain(held.iter().map(|held| held.sale.id)).chain([in_hand]);
    let kept = draft.allowed(&open.collect::<Vec<_>>()).await?;
    Ok(kept.into_iter().map(|(sale, line, allowance)| ((sale, line), allowance)).collect())
}

/// A decision by hand does not end the asking: a late yes must not be lost with a restart.
async fn to_ask(ledger: &Ledger, clock: &dyn Clock, open: &[StoredAttempt]) -> Result<Vec<StoredAttempt>, TillError> {
    let (boot, up_ms) = clock.uptime();
    ledger.count_time_passed(&boot, up_ms).await?;
    let decided = ledger.attempts_decided_within(RETENTION_MS).await?;
    let untold = decided.into_iter().filter(|stored| {
        let attempt = &stored.attempt;
        !attempt.late_success && attempt.slip.fields.is_empty() && attempt.operation_id.is_some()
    });
    Ok(open.iter().cloned().chain(untold).collect())
}

/// When the device was last asked its rationed question, on this run's clock. Of another run of the machine
/// nothing is known, so the question counts as asked just now.
pub(crate) fn last_question_ms(clock: &dyn Clock, asked: Option<&Asked>) -> Option<i64> {
    let asked = asked?;
    let (boot, up_ms) = clock.uptime();
    let ago_ms = if boot == asked.boot { (up_ms - asked.up_ms).max(0) } else { 0 };
    Some(clock.now_ms() - ago_ms)
}
