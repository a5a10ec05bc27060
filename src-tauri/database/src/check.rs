//! Is the ledger what Kassa wrote? Little is looked at in the start of a till, all of it beside the sales.

use crate::head::Kept;
use crate::journal::{BEFORE_THE_FIRST, Entry, Head, chained, entry, hexadecimal};
use crate::text::damaged;
use crate::{DatabaseError, Ledger};
use checkout::money::Currency;
use sqlx::SqlitePool;

/// So many of the last facts are looked at in the start.
const LAST_FACTS: i64 = 32;

/// The end of the chain holds together, and is not before the head kept beside the ledger. Answers the last fact.
pub(crate) async fn at_start(pool: &SqlitePool, kept: Option<&Kept>) -> Result<Head, DatabaseError> {
    let rows = sqlx::query("SELECT * FROM journal ORDER BY seq DESC LIMIT ?").bind(LAST_FACTS + 1).fetch_all(pool).await?;
    let facts: Vec<Entry> = rows.iter().rev().map(entry).collect::<Result<_, _>>()?;
    let mut last = Head { seq: 0, hash: BEFORE_THE_FIRST.to_vec() };
    for fact in &facts {
        let first_seen = last.seq == 0 && fact.seq > 1;
        if !first_seen && (fact.seq != last.seq + 1 || fact.hash != chained(&last.hash, &fact.fact())) {
            return Err(damaged(format!("the journal's chain breaks at fact {}", last.seq + 1)));
        }
        last = Head { seq: fact.seq, hash: fact.hash.clone() };
    }
    let Some(kept) = kept else { return Ok(last) };
    if kept.seq > last.seq {
        let (ends, written) = (last.seq, kept.seq);
        return Err(damaged(format!("it ends at fact {ends}, though fact {written} had been written: an older copy, or its log is lost")));
    }
    let there: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM journal WHERE seq = ?").bind(kept.seq).fetch_optional(pool).await?;
    if kept.seq > 0 && there.is_none_or(|hash| hexadecimal(&hash) != kept.hash) {
        return Err(damaged(format!("fact {} is not the one that was written", kept.seq)));
    }
    Ok(last)
}

/// Whatever the tables say that the journal does not. Each answers the ids of what is wrong. The first two look at receipts.
const AGAINST_THE_JOURNAL: [(&str, &str); 9] = [
    (
        "a closed sale is not what the journal says",
        "SELECT subject FROM journal LEFT JOIN sale ON sale.id = subject
         WHERE kind = 'sale_closed' AND NOT (
           sale.state IS 'closed' AND sale.number IS body ->> 'number' AND sale.total_minor IS body ->> 'total_minor'
           AND sale.rounding_minor IS body ->> 'rounding_minor' AND sale.discount_minor IS body ->> 'discount_minor'
           AND (SELECT json_group_array(json_array(kind, amount_minor, received_minor, change_minor, rounding_minor)) FROM
                 (SELECT * FROM tender WHERE sale_id = subject ORDER BY ordinal))
             IS (SELECT json_group_array(json_array(value ->> 'kind', value ->> 'amount_minor', value ->> 'received_minor',
                 value ->> 'change_minor', value ->> 'rounding_minor')) FROM json_each(body, '$.tenders'))
           AND (SELECT json_group_array(json_array(code, name, unit, quantity_milli, vat_bp, marking, price_minor, own_price_minor,
                 gross_minor, discount_minor, cart_share_minor, sold_minor))
                 FROM (SELECT * FROM sale_line WHERE sale_id = subject ORDER BY position))
             IS (SELECT json_group_array(json_array(value ->> 'code', value ->> 'name', value ->> 'unit', value ->> 'quantity_milli', value ->> 'vat_bp',
                 value ->> 'marking', value ->> 'price_minor', value ->> 'own_price_minor', value ->> 'gross_minor', value ->> 'discount_minor', value ->> 'cart_share_minor', value ->> 'sold_minor')) FROM json_each(body, '$.lines'))
           AND (SELECT json_group_array(json_array(vat_bp, net_minor, tax_minor)) FROM
                 (SELECT * FROM sale_tax WHERE sale_id = subject ORDER BY vat_bp))
             IS (SELECT json_group_array(json_array(rate, net, tax)) FROM (SELECT value ->> 'vat_bp' AS rate, value ->> 'net_minor' AS net,
                 value ->> 'tax_minor' AS tax FROM json_each(body, '$.taxes') ORDER BY rate)))
         LIMIT 20",
    ),
    (
        "a closed refund is not what the journal says",
        "SELECT subject FROM journal LEFT JOIN refund ON refund.id = subject
         WHERE kind = 'refund_closed' AND NOT (
           refund.state IS 'closed' AND refund.number IS body ->> 'number' AND refund.sale_id IS body ->> 'sale'
           AND refund.total_minor IS body ->> 'total_minor' AND refund.rounding_minor IS body ->> 'rounding_minor'
           AND (SELECT json_group_array(json_array(kind, amount_minor, rounding_minor, payment_id, attempt_id)) FROM
                 (SELECT * FROM refund_tender WHERE refund_id = subject AND given ORDER BY ordinal))
             IS (SELECT json_group_array(json_array(value ->> 'kind', value ->> 'amount_minor', value ->> 'rounding_minor',
                 value ->> 'payment', value ->> 'attempt')) FROM json_each(body, '$.tenders'))
           AND (SELECT json_group_array(json_array(line, quantity_milli, gross_minor, discount_minor, cart_share_minor, sold_minor))
                 FROM (SELECT * FROM refund_line WHERE refund_id = subject ORDER BY line))
             IS (SELECT json_group_array(json_array(value ->> 'line', value ->> 'quantity_milli', value ->> 'gross_minor',
                 value ->> 'discount_minor', value ->> 'cart_share_minor', value ->> 'sold_minor')) FROM json_each(body, '$.lines'))
           AND (SELECT json_group_array(json_array(vat_bp, net_minor, tax_minor)) FROM
                 (SELECT * FROM refund_tax WHERE refund_id = subject ORDER BY vat_bp))
             IS (SELECT json_group_array(json_array(rate, net, tax)) FROM (SELECT value ->> 'vat_bp' AS rate, value ->> 'net_minor' AS net,
                 value ->> 'tax_minor' AS tax FROM json_each(body, '$.taxes') ORDER BY rate)))
         LIMIT 20",
    ),
    (
        "a sale was closed without a fact",
        "SELECT id FROM sale WHERE state = 'closed'
         AND NOT EXISTS (SELECT 1 FROM journal WHERE subject = sale.id AND kind = 'sale_closed') LIMIT 20",
    ),
    (
        "an attempt is not what the journal says",
        "SELECT id FROM attempt WHERE
           amount_minor IS NOT (SELECT body ->> 'amount_minor' FROM journal WHERE subject = id AND kind = 'attempt' ORDER BY seq LIMIT 1)
           OR sale_id IS NOT (SELECT body ->> 'sale' FROM journal WHERE subject = id AND kind = 'attempt' ORDER BY seq LIMIT 1)
           OR operation_id IS NOT (SELECT body ->> 'operation_id' FROM journal
                                   WHERE subject = id AND kind = 'attempt' AND body ->> 'event' = 'accepted' ORDER BY seq LIMIT 1)
           OR device IS NOT (SELECT body ->> 'device' FROM journal WHERE subject = id AND kind = 'attempt' ORDER BY seq LIMIT 1)
           OR attempt.kind IS NOT (SELECT body ->> 'attempt_kind' FROM journal WHERE subject = id AND kind = 'attempt' ORDER BY seq LIMIT 1)
           OR refund_id IS NOT (SELECT body ->> 'refund' FROM journal WHERE subject = id AND kind = 'attempt' ORDER BY seq LIMIT 1)
           OR by_hand IS NOT EXISTS (SELECT 1 FROM journal WHERE subject = id AND kind = 'attempt' AND body ->> 'event' = 'resolved'
                                     AND body ->> 'decision' <> 'returned')
           OR late_success IS NOT (SELECT coalesce(body ->> 'late', 0) FROM journal
                                   WHERE subject = id AND kind = 'attempt' ORDER BY seq DESC LIMIT 1)
           OR state IS NOT (SELECT coalesce(body ->> 'state', 'intended') FROM journal
                            WHERE subject = id AND kind = 'attempt' ORDER BY seq DESC LIMIT 1)
         LIMIT 20",
    ),
    (
        "an attempt is missing",
        "SELECT DISTINCT subject FROM journal WHERE kind = 'attempt' AND NOT EXISTS (SELECT 1 FROM attempt WHERE id = subject) LIMIT 20",
    ),
    (
        "a refund was closed without a fact",
        "SELECT id FROM refund WHERE state = 'closed'
         AND NOT EXISTS (SELECT 1 FROM journal WHERE subject = refund.id AND kind = 'refund_closed') LIMIT 20",
    ),
    (
        "the cash of an open sale is not what the journal says",
        "SELECT id FROM sale WHERE state = 'open' AND
           (SELECT coalesce(sum(amount_minor), 0) FROM tender WHERE sale_id = sale.id AND attempt_id IS NULL)
           IS NOT coalesce((SELECT CASE kind WHEN 'cash_taken' THEN body ->> 'cash_minor' ELSE 0 END FROM journal
                            WHERE subject = sale.id AND kind IN ('cash_taken', 'cash_returned') ORDER BY seq DESC LIMIT 1), 0) LIMIT 20",
    ),
    (
        "what a device took for an open sale is not what it was asked",
        "SELECT tender.sale_id FROM tender JOIN sale ON sale.id = tender.sale_id JOIN attempt ON attempt.id = attempt_id
         WHERE sale.state = 'open' AND attempt.answered_minor IS NULL AND tender.amount_minor <> attempt.amount_minor LIMIT 20",
    ),
    (
        "receipt numbers have a gap",
        "SELECT CAST(max(number) AS TEXT) FROM (SELECT number FROM sale WHERE state = 'closed' UNION ALL SELECT number FROM refund WHERE state = 'closed')
         HAVING max(number) <> count(*)",
    ),
];

impl Ledger {
    /// Before the open shift is summed up: its kept totals are what its sales add up to.
    pub async fn check_shift(&self, currency: Currency) -> Result<(), DatabaseError> {
        match self.shift(currency).await? == self.recount_shift(currency).await? {
            true => Ok(()),
            false => Err(damaged("the totals of the shift are not what its sales add up to")),
        }
    }

    /// Before a receipt is printed again: the sale or the refund is what the journal says.
    pub async fn check_receipt(&self, number: i64) -> Result<(), DatabaseError> {
        for ((what, closed), table) in AGAINST_THE_JOURNAL.into_iter().zip(["sale", "refund"]) {
            let this = closed.replace("LIMIT 20", &format!("AND subject = (SELECT id FROM {table} WHERE number = ?) LIMIT 1"));
            let wrong: Option<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(this)).bind(number).fetch_optional(&self.reader).await?;
            if let Some(id) = wrong {
                return Err(damaged(format!("{what}: {id}")));
            }
        }
        Ok(())
    }

    /// Looks at everything: the file's structure, the chain from its first fact, and the tables against the journal.
    /// Answers what is wrong, in words for support. Other readers and the writer go on meanwhile.
    pub async fn check(&self) -> Result<Vec<String>, DatabaseError> {
        match self.faults().await {
            Err(DatabaseError::Damaged(what)) => Ok(vec![what]),
            answer => answer,
        }
    }

    async fn faults(&self) -> Result<Vec<String>, DatabaseError> {
        let structure: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(20)").fetch_all(&self.reader).await?;
        let faults: Vec<String> = structure.into_iter().filter(|line| line != "ok").collect();
        if !faults.is_empty() {
            return Ok(faults);
        }
        if let Some(seq) = self.verify_journal().await?.broken_at {
            return Ok(vec![format!("the journal's chain breaks at fact {seq}")]);
        }
        let mut faults = Vec::new();
        for (what, query) in AGAINST_THE_JOURNAL {
            let wrong: Vec<String> = sqlx::query_scalar(query).fetch_all(&self.reader).await?;
            faults.extend(wrong.into_iter().map(|id| format!("{what}: {id}")));
        }
        let shifts = self.shifts_that_do_not_add_up().await?;
        faults.extend(shifts.into_iter().map(|shift| format!("the totals of shift {shift} are not what its sales add up to")));
        Ok(faults)
    }
}
