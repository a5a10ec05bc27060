/** Joins the window's keys to the till: first the scanner looks at a key, then the keyboard map. */
import { actOf, type Act, type Focus } from './keys';
import { decode, Scanner, SILENCE_MS } from './scanner';
import type { Till } from './till.svelte';

export function listen(till: Till, focusField: () => void): () => void {
  const scanner = new Scanner();
  let silence: ReturnType<typeof setTimeout> | undefined;
  /** A field that is not the scanner's, as it was before a scan ran into it. */
  let spoiled: { field: TextField; text: string } | null = null;
  /** Dialogs and settings have fields of their own, and a short burst there is typing. */
  const foreign = (): boolean => till.place === 'dialog' || till.desk.page !== null;

  function tookScan(event: KeyboardEvent): boolean {
    const verdict = scanner.press({ code: event.code, key: event.key, shift: event.shiftKey, ctrl: event.ctrlKey, at: timeOf(event) });
    if (scanner.begins) {
      till.pad?.mark();
      spoiled = foreign() && isTextField(event.target) ? { field: event.target, text: kept(event.target) } : null;
    }
    clearTimeout(silence);
    silence = setTimeout(() => {
      const code = scanner.idle();
      if (code !== null) scanned(code);
    }, SILENCE_MS);
    if (verdict.kind === 'key') return false;
    if (foreign() && verdict.kind === 'short') return false;
    const fieldless = till.place === 'done' || till.place === 'refused' || till.place === 'list';
    if (verdict.kind === 'short' && !fieldless) return false;
    scanned(verdict.text);
    return event.key === 'Enter' || event.key === 'Tab';
  }

  function scanned(code: string): void {
    till.pad?.rewind();
    if (spoiled !== null) {
      spoiled.field.value = spoiled.text;
      spoiled.field.dispatchEvent(new Event(spoiled.field instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }));
      spoiled = null;
    }
    void till.scan(code);
  }

  function onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (!event.repeat && tookScan(event)) {
      event.preventDefault();
      return;
    }
    const press = { key: event.key, code: event.code, shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey, alt: event.altKey, repeat: event.repeat };
    const act = actOf(press, { place: till.place, focus: focusOf(document.activeElement), empty: till.entry.text === '' });
    if (act === null) return;
    if (act.kind === 'type') typed(event);
    else event.preventDefault();
    run(act, till, focusField);
  }

  function typed(event: KeyboardEvent): void {
    const character = decode({ code: event.code, key: event.key, shift: event.shiftKey, ctrl: false });
    if (till.place === 'pad' || till.place === 'edit') {
      event.preventDefault();
      till.entry.press(character ?? event.key);
    } else {
      // The key itself then lands in the field: focus moves before the browser writes the character.
      focusField();
      till.entry.stroke(character);
    }
  }

  window.addEventListener('keydown', onKey, true);
  return () => {
    clearTimeout(silence);
    window.removeEventListener('keydown', onKey, true);
  };
}

function run(act: Act, till: Till, focusField: () => void): void {
  switch (act.kind) {
    case 'pay':
      void till.payment.press(act.slot);
      return;
    case 'enter':
      void till.enter();
      return;
    case 'back':
      void till.back();
      return;
    case 'quantity':
      void till.edit.quantity();
      return;
    case 'price':
      till.edit.price();
      return;
    case 'cart_discount':
      till.edit.open('cart_discount');
      return;
    case 'by_price':
      void till.edit.sellTyped();
      return;
    case 'reason':
      till.edit.nextReason(act.by);
      return;
    case 'list':
      till.aside.toggle();
      return;
    case 'remove':
      if (till.aside.open) void till.aside.discard();
      else void till.removeLine();
      return;
    case 'restore':
      void till.restoreLine();
      return;
    case 'park':
      if (till.waiting !== null) void till.park(till.waiting);
      else void till.aside.hold();
      return;
    case 'keys':
      till.desk.open('keys');
      return;
    case 'switch':
      void till.signIn.change();
      return;
    case 'digit':
      till.pad?.type(act.digit);
      return;
    case 'erase':
      till.pad?.erase();
      return;
    case 'up':
      till.move(-1);
      return;
    case 'down':
      till.move(1);
      return;
    case 'field':
      if (till.problem !== null) till.problem = null;
      focusField();
      return;
    case 'type':
    case 'nothing':
      return;
    default:
      act satisfies never;
  }
}

type TextField = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** A PIN is not remembered: a scan that runs into it empties the field. */
function kept(field: TextField): string {
  return field.type === 'password' ? '' : field.value;
}

function isTextField(target: EventTarget | null): target is TextField {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}

/** The event's own time where the engine gives one, so that a busy page does not slow a scanner down. */
function timeOf(event: KeyboardEvent): number {
  const now = performance.now();
  return event.timeStamp > 0 && now - event.timeStamp >= 0 && now - event.timeStamp < 2000 ? event.timeStamp : now;
}

function focusOf(element: Element | null): Focus {
  if (element === null || element === document.body) return 'none';
  if (element.matches('input:not([type=radio]), textarea')) return 'field';
  if (element.closest('[data-money]') !== null) return 'money';
  return element.matches('button, a, input, select, [role=tab]') ? 'control' : 'none';
}
