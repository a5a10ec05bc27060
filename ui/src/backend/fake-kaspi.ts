/** The make-believe Kaspi terminal: an attempt, and the steps each script takes it through. */
import type { AmountText, Attempt, Reason, Stage, StageCode, StageState } from './contract';

export function newAttempt(ticket: string, amount: AmountText): Attempt {
  return {
    id: '0198a5c0-0000-7000-8000-000000000001',
    number: `0418-${ticket.replace(/\s/g, '')}-1`,
    tender: 'kaspi',
    tenderName: 'Kaspi',
    refund: false,
    amount,
    state: 'intended',
    reason: null,
    deviceMessage: null,
    answered: null,
    address: '192.168.1.40',
    stages: stages(['sent', 'customer', 'confirm', 'approved'], 'sent'),
    elapsedMs: 0,
    stageElapsedMs: 0,
    changedAt: '14:05:02',
    asking: null,
    stopAsked: false,
    afterRestart: false,
    decisions: [],
    late: false,
    paidTwice: false,
    contradicted: false,
  };
}

const TIMES: Partial<Record<StageCode, string>> = { sent: '14:05:02', customer: '14:05:26', confirm: '14:05:31', pin: '14:05:33' };

/** The stages in a row: done before the one under way, to come after it. */
export function stages(codes: StageCode[], under: StageCode, state: StageState = 'now'): Stage[] {
  const at = codes.indexOf(under);
  return codes.map((code, index) => ({
    code,
    state: index < at ? 'done' : index === at ? state : 'todo',
    time: index < at || (index === at && state !== 'now') ? (TIMES[code] ?? '14:05:35') : null,
  }));
}

type Step = (attempt: Attempt) => Attempt;
const QR: StageCode[] = ['sent', 'customer', 'confirm', 'approved'];
const CARD: StageCode[] = ['sent', 'customer', 'pin', 'bank', 'approved'];

const reach = (codes: StageCode[], code: StageCode, elapsedMs: number): Step => (attempt) => ({
  ...attempt,
  state: 'pending',
  stages: stages(codes, code),
  elapsedMs,
  stageElapsedMs: 0,
});

export const approve: Step = (attempt) => ({ ...attempt, state: 'approved', changedAt: '14:05:39', stages: stages(QR, 'approved', 'done') });

export const refuse =
  (state: 'declined' | 'cancelled' | 'not_started', reason: Reason, deviceMessage: string | null = null): Step =>
  (attempt) => ({
    ...attempt,
    state,
    reason,
    deviceMessage,
    changedAt: '14:05:35',
    stages: state === 'not_started' ? [] : stages(['sent', 'customer', state], state, 'failed'),
  });

export const doubt =
  (reason: Reason, nextInMs: number | null = 7000): Step =>
  (attempt) => ({
    ...attempt,
    state: 'unknown',
    reason,
    changedAt: '14:05:31',
    stages: stages(QR, 'customer', 'doubt'),
    answered: reason === 'wrong_amount' ? { figures: '4\u00a0780', sign: '₸' } : null,
    asking: { count: 3, lastAt: '14:05:54', nextInMs },
    decisions: ['approved', 'declined'],
  });

export const KASPI_SCRIPTS = {
  approve: [reach(QR, 'customer', 3000), reach(QR, 'confirm', 6000), approve],
  card: [reach(CARD, 'customer', 3000), reach(CARD, 'pin', 6000), reach(CARD, 'bank', 9000), approve],
  decline: [reach(QR, 'customer', 3000), refuse('declined', 'declined_by_bank', 'not enough funds')],
  cancel: [reach(QR, 'customer', 3000), refuse('cancelled', 'cancelled_on_device')],
  busy: [refuse('not_started', 'refused_busy')],
  unreachable: [refuse('not_started', 'unreachable')],
  silent: [reach(QR, 'customer', 3000), doubt('not_answering')],
} satisfies Record<string, Step[]>;

export type KaspiScript = keyof typeof KASPI_SCRIPTS;

const RESTARTED: Stage[] = [
  { code: 'sent', state: 'done', time: '14:05:02' },
  { code: 'switched_off', state: 'doubt', time: null },
  { code: 'asking', state: 'now', time: null },
  { code: 'outcome', state: 'todo', time: null },
];

/** Frozen moments of a payment, for looking at one screen. */
export const MOMENTS: Record<string, Step> = {
  sent: (attempt) => ({ ...attempt, elapsedMs: 1000, stageElapsedMs: 1000 }),
  waiting: reach(QR, 'customer', 23_000),
  scanned: reach(QR, 'confirm', 37_000),
  pin: reach(CARD, 'pin', 30_000),
  bank: reach(CARD, 'bank', 34_000),
  stopped: (attempt) => ({ ...reach(QR, 'customer', 52_000)(attempt), stopAsked: true }),
  declined: refuse('declined', 'declined_by_bank', 'not enough funds'),
  cancelled: refuse('cancelled', 'cancelled_on_device'),
  busy: refuse('not_started', 'refused_busy'),
  unreachable: refuse('not_started', 'unreachable', 'Connection refused (os error 111)'),
  blocked: refuse('not_started', 'refused_blocked', '107: payments are blocked'),
  authorisation: refuse('not_started', 'refused_authorisation'),
  doubt: doubt('not_answering'),
  restart: (attempt) => ({
    ...attempt,
    state: 'pending',
    stages: RESTARTED,
    elapsedMs: 4000,
    stageElapsedMs: 4000,
    afterRestart: true,
  }),
  'doubt-person': doubt('cannot_ask', null),
  'doubt-lost': doubt('process_lost'),
  'wrong-amount': doubt('wrong_amount', null),
};
