/** What a screen reader hears when the view changes: the added line, each stage, the change due. Clocks are not announced. */
import type { Attempt, CartLine, StageCode, View } from '../backend/contract';
import { spokenAmount, t, type Key } from '../words';
import { doubtHeadline, refusedHeadline } from './reasons';

/** Who must act now, stage by stage. */
export const SAY: Record<StageCode, Key> = {
  sent: 'say_sent',
  customer: 'say_customer',
  confirm: 'say_confirm',
  pin: 'say_pin',
  bank: 'say_bank',
  switched_off: 'restart_say',
  asking: 'restart_say',
  outcome: 'restart_say',
  approved: 'say_approved',
  declined: 'say_declined',
  cancelled: 'say_cancelled',
};

/** The sentence for the stage under way, which says who must act now. */
export function stageSentence(attempt: Attempt): string {
  if (attempt.stopAsked) return t('stopped_say');
  return t(SAY[stageUnderWay(attempt)], { amount: spokenAmount(attempt.amount) });
}

export function stageUnderWay(attempt: Attempt): StageCode {
  if (attempt.state === 'approved') return 'approved';
  return attempt.stages.find((stage) => stage.state === 'now')?.code ?? attempt.stages.findLast((stage) => stage.state !== 'todo')?.code ?? 'sent';
}

/** Goods that came in while sales went on. */
function importNews(before: View | null, after: View): string | null {
  const goods = after.import;
  if (goods === null || before === null || before.import?.phase === goods.phase) return null;
  if (goods.phase === 'done') return t('import_done', { added: goods.counts.added, updated: goods.counts.updated });
  return goods.phase === 'failed' ? t('import_strip_failed') : null;
}

/** Who has come to the till. */
function arrival(before: View | null, after: View): string | null {
  const person = after.session?.person ?? null;
  return person === null || before?.session?.person?.id === person.id ? null : t('announce_signed_in', { name: person.name });
}

/** Polite news, or null when nothing worth saying changed. */
export function statusWords(before: View | null, after: View): string | null {
  const screen = after.screen;
  const came = arrival(before, after);
  if (came !== null) return came;
  const goods = importNews(before, after);
  if (goods !== null) return goods;
  switch (screen.kind) {
    case 'paying': {
      if (screen.attempt.afterRestart) return null;
      const sentence = stageSentence(screen.attempt);
      return before?.screen.kind === 'paying' && stageSentence(before.screen.attempt) === sentence ? null : sentence;
    }
    case 'done': {
      const change = screen.done.change;
      if (before?.screen.kind === 'done') return null;
      return change === null ? t('done_closed') : t('announce_change', { amount: spokenAmount(change) });
    }
    case 'sale':
      return before === null ? null : lineWords(before, after);
    case 'doubt':
    case 'refused':
    case 'first_owner':
    case 'sign_in':
      return null;
    default:
      return screen satisfies never;
  }
}

function lineWords(before: View, after: View): string | null {
  const total = spokenAmount(after.cart.total);
  if (after.cart.removed !== null && after.cart.removed !== before.cart.removed) {
    return t('announce_removed', { name: after.cart.removed, total });
  }
  const known = new Map(before.cart.lines.map((line) => [line.id, line]));
  const changed = after.cart.lines.findLast((line) => differs(known.get(line.id), line));
  if (changed === undefined) return null;
  return t('announce_line', { name: changed.name, quantity: changed.quantity, amount: spokenAmount(changed.amount), total });
}

const differs = (before: CartLine | undefined, after: CartLine): boolean => before === undefined || before.quantity !== after.quantity;

/** Words that interrupt: a payment in doubt, refused, or cut short by the till itself. */
export function alertWords(view: View): string {
  switch (view.screen.kind) {
    case 'doubt': {
      const { say, sub } = doubtHeadline(view.screen.attempt);
      return `${say}. ${sub}`;
    }
    case 'refused': {
      const { say, sub } = refusedHeadline(view.screen.attempt);
      return `${say}. ${sub}`;
    }
    case 'paying':
      return view.screen.attempt.afterRestart ? `${t('restart_say')}. ${t('restart_sub')}` : '';
    case 'first_owner':
    case 'sign_in':
    case 'sale':
    case 'done':
      return '';
    default:
      return view.screen satisfies never;
  }
}
