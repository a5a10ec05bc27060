/**
 * What the screen says for each reason an attempt can carry. Keys are made from the contract's codes, so that a reason
 * added there without words does not compile.
 */
import type { Attempt, Reason } from '../backend/contract';
import { amountWords, t, type Key } from '../words';

/** Why a payment is in doubt, one sentence; amounts stand between ** for emphasis. */
export function whatHappened(attempt: Attempt): string {
  if (attempt.refund) return t('refund_happened', { time: attempt.changedAt, amount: amountWords(attempt.amount) });
  const key = `happened_${attempt.reason ?? 'unknown'}` as const;
  return t(key, { time: attempt.changedAt, amount: amountWords(attempt.amount) });
}

export interface Headline {
  say: string;
  sub: string;
}

export function doubtHeadline(attempt: Attempt): Headline {
  if (!attempt.late && !attempt.contradicted && attempt.reason === 'wrong_amount' && attempt.answered !== null) {
    const values = { answered: amountWords(attempt.answered), asked: amountWords(attempt.amount) };
    return { say: t('doubt_say_amount', values), sub: t('doubt_sub_amount') };
  }
  if (attempt.refund) return refundInDoubt(attempt);
  const late = { amount: amountWords(attempt.answered ?? attempt.amount), tender: attempt.tenderName };
  if (attempt.paidTwice) return { say: t('doubt_say_paid_twice', late), sub: t('doubt_sub_paid_twice') };
  if (attempt.late) return { say: t('doubt_say_late', late), sub: t('doubt_sub_late') };
  if (attempt.contradicted) return { say: t('doubt_say_contradicted'), sub: t('doubt_sub_contradicted') };
  const asks = attempt.asking !== null && attempt.asking.nextInMs !== null;
  return { say: t('doubt_say'), sub: t(asks ? 'doubt_sub' : 'doubt_sub_person') };
}

function refundInDoubt(attempt: Attempt): Headline {
  if (attempt.late) return { say: t('refund_say_late', { amount: amountWords(attempt.answered ?? attempt.amount) }), sub: t('refund_sub_late') };
  if (attempt.contradicted) return { say: t('refund_say_contradicted'), sub: t('doubt_sub_contradicted') };
  const asks = attempt.asking !== null && attempt.asking.nextInMs !== null;
  return { say: t('refund_doubt_say'), sub: t(asks ? 'refund_doubt_sub' : 'refund_doubt_sub_person') };
}

export type Icon = 'x' | 'clock' | 'plug' | 'alert';
interface Refusal {
  say: Key;
  sub: Key;
  safe: Key;
  icon: Icon;
}

const quiet = (say: Key, sub: Key, icon: Icon = 'x', safe: Key = 'refused_safe'): Refusal => ({ say, sub, safe, icon });
const NOT_STARTED = quiet('refused_not_started', 'refused_not_started_sub');
const NO_MONEY = quiet('refused_no_money', 'refused_cancelled_sub');

/** Refusals with words of their own; for the others the attempt's state says what is certain. */
const REFUSED: Partial<Record<Reason, Refusal>> = {
  unreachable: quiet('refused_unreachable', 'refused_unreachable_sub', 'plug', 'refused_unreachable_safe'),
  certificate_out_of_time: quiet('refused_certificate_out_of_time', 'refused_certificate_out_of_time_sub', 'alert'),
  certificate_name: quiet('refused_certificate_name', 'refused_certificate_name_sub', 'alert'),
  certificate_unknown: quiet('refused_certificate_unknown', 'refused_certificate_unknown_sub', 'alert'),
  certificate_changed: quiet('refused_certificate_changed', 'refused_certificate_changed_sub', 'alert'),
  no_tls: quiet('refused_no_tls', 'refused_no_tls_sub', 'alert'),
  wrong_unit: quiet('refused_wrong_unit', 'refused_wrong_unit_sub', 'alert'),
  refused_busy: quiet('refused_busy', 'refused_busy_sub', 'clock', 'refused_busy_safe'),
  refused_blocked: quiet('refused_blocked', 'refused_blocked_sub', 'alert'),
  refused_authorisation: quiet('refused_authorisation', 'refused_authorisation_sub', 'alert'),
  refused_request: quiet('refused_request', 'refused_request_sub', 'alert'),
  refused_amount: quiet('refused_amount', 'refused_amount_sub', 'alert'),
  not_written: quiet('refused_not_written', 'refused_not_written_sub', 'alert'),
  declined_by_bank: quiet('refused_declined', 'refused_declined_sub', 'x', 'refused_declined_safe'),
  cancelled_on_device: quiet('refused_cancelled_device', 'refused_cancelled_sub'),
  timed_out: quiet('refused_timed_out', 'refused_cancelled_sub', 'clock'),
  by_hand: quiet('refused_by_hand', 'refused_by_hand_sub'),
};

function refusalOf(attempt: Attempt): Refusal {
  const named = attempt.reason === null ? undefined : REFUSED[attempt.reason];
  if (named !== undefined) return named;
  if (attempt.state === 'declined') return quiet('refused_declined', 'refused_declined_sub', 'x', 'refused_declined_safe');
  return attempt.state === 'cancelled' ? NO_MONEY : NOT_STARTED;
}

export function refusedHeadline(attempt: Attempt): Headline & { icon: Icon; safe: string } {
  const refusal = refusalOf(attempt);
  if (attempt.refund) {
    const amount = amountWords(attempt.amount);
    return { say: t('refund_refused', { amount }), sub: t(attempt.reason === 'no_reference' ? 'refund_refused_no_reference' : 'refund_refused_sub'), icon: refusal.icon, safe: t('refund_refused_safe') };
  }
  const bankSaid = refusal.sub === 'refused_declined_sub' && attempt.deviceMessage !== null;
  const sub = bankSaid ? t('refused_declined_reason', { reason: stopless(attempt.deviceMessage ?? '') }) : t(refusal.sub);
  return { say: t(refusal.say), sub, icon: refusal.icon, safe: t(refusal.safe) };
}

/** The device's words stand inside our sentence, which brings its own full stop. */
function stopless(words: string): string {
  return words.replace(/[.\s]+$/, '');
}
