/**
 * The keyboard map, as one pure function: which act a key means in which place. Money rules live here:
 * Enter never pays, F8 is never assigned, a held key does nothing twice.
 */
export interface Press {
  key: string;
  code: string;
  shift: boolean;
  ctrl: boolean;
  alt: boolean;
  repeat: boolean;
}

export type Place = 'sale' | 'edit' | 'pad' | 'list' | 'paying' | 'doubt' | 'refused' | 'done' | 'dialog' | 'settings' | 'sign_in' | 'lift';
/** What has the focus: the field that owns typing, a control that moves money, any other control, or nothing. */
export type Focus = 'field' | 'money' | 'control' | 'none';

export interface Where {
  place: Place;
  focus: Focus;
  /** The field holds no text. */
  empty: boolean;
}

export type Act =
  | { kind: 'pay'; slot: string }
  | { kind: 'enter' }
  | { kind: 'back' }
  | { kind: 'field' }
  | { kind: 'quantity' }
  | { kind: 'price' }
  | { kind: 'cart_discount' }
  | { kind: 'by_price' }
  | { kind: 'reason'; by: 1 | -1 }
  | { kind: 'list' }
  | { kind: 'remove' }
  | { kind: 'restore' }
  | { kind: 'up' }
  | { kind: 'down' }
  | { kind: 'park' }
  | { kind: 'keys' }
  /** Somebody else comes to the till. */
  | { kind: 'switch' }
  /** Of a PIN. */
  | { kind: 'digit'; digit: string }
  | { kind: 'erase' }
  | { kind: 'type' }
  /** Used up: neither Kassa nor the browser does anything with it. */
  | { kind: 'nothing' };

const NOTHING: Act = { kind: 'nothing' };
const PAY_KEYS = ['F9', 'F10', 'F11', 'F12'];
/** These keep the function keys from the sale behind them. */
const DIALOGS: Place[] = ['dialog', 'sign_in', 'lift'];
const selling = (place: Place): boolean => place === 'sale' || place === 'edit' || place === 'pad';
const editing = (place: Place): boolean => place === 'sale' || place === 'edit';
const choosing = (place: Place): boolean => selling(place) || place === 'list';

/** Null leaves the key to the browser. */
export function actOf(press: Press, where: Where): Act | null {
  if (/^F\d{1,2}$/.test(press.key)) return press.repeat || DIALOGS.includes(where.place) ? NOTHING : functionKey(press, where);
  if (where.place === 'sign_in' || where.place === 'lift') return pinKey(press, where);
  if (press.alt && !press.ctrl && press.code === 'KeyL' && where.place !== 'dialog') return press.repeat ? NOTHING : { kind: 'switch' };
  // The dialog keeps its own keys, but Enter confirms nothing there either.
  if (where.place === 'dialog') return press.key === 'Enter' && where.focus !== 'control' ? NOTHING : null;
  // The settings' fields keep their keys; Enter saves nothing, and Esc goes back to the sale.
  if (where.place === 'settings' && press.key !== 'Escape') return press.key === 'Enter' && where.focus !== 'control' ? NOTHING : null;
  switch (press.key) {
    case 'Enter':
      if (press.ctrl && where.place === 'sale' && !press.repeat) return { kind: 'by_price' };
      return enterKey(where, press.repeat);
    case 'Escape':
      return press.repeat ? NOTHING : { kind: 'back' };
    case 'ArrowUp':
      return choosing(where.place) ? { kind: 'up' } : null;
    case 'ArrowDown':
      return choosing(where.place) ? { kind: 'down' } : null;
    case 'ArrowLeft':
    case 'ArrowRight':
      return where.place === 'edit' ? { kind: 'reason', by: press.key === 'ArrowLeft' ? -1 : 1 } : null;
    case 'Delete':
      if (press.repeat || !(editing(where.place) || where.place === 'list')) return null;
      return where.empty || where.place === 'list' ? { kind: 'remove' } : null;
  }
  if (press.ctrl) return press.code === 'KeyZ' && where.place === 'sale' && where.empty ? { kind: 'restore' } : null;
  if (press.alt || [...press.key].length !== 1) return null;
  // Space fires the control that has the focus, as everywhere.
  if (press.key === ' ' && where.focus !== 'field') return null;
  return selling(where.place) ? { kind: 'type' } : null;
}

/** Digits are read by their place too: the Kazakh layout has letters on the digit row. */
function digitOf(press: Press): string | undefined {
  if (press.ctrl || press.alt) return undefined;
  if (/^\d$/.test(press.key)) return press.key;
  return press.shift || [...press.key].length !== 1 ? undefined : /^(?:Digit|Numpad)(\d)$/.exec(press.code)?.[1];
}

/** Where digits are a PIN. Enter sends it at the sign-in; what another allows takes its button. */
function pinKey(press: Press, where: Where): Act | null {
  const digit = digitOf(press);
  if (digit !== undefined) return press.repeat ? NOTHING : { kind: 'digit', digit };
  const signing = where.place === 'sign_in';
  switch (press.key) {
    case 'Backspace':
      return { kind: 'erase' };
    case 'Enter':
      if (where.focus === 'control') return null;
      return signing && !press.repeat ? { kind: 'enter' } : NOTHING;
    case 'Escape':
      if (press.repeat) return NOTHING;
      return signing ? { kind: 'back' } : null;
    default:
      return null;
  }
}

function functionKey(press: Press, where: Where): Act {
  const slot = press.shift ? `Shift ${press.key}` : press.key;
  if (PAY_KEYS.includes(press.key)) {
    return selling(where.place) || where.place === 'refused' ? { kind: 'pay', slot } : NOTHING;
  }
  if (slot === 'Shift F4' && editing(where.place)) return { kind: 'cart_discount' };
  if (press.shift || press.ctrl || press.alt) return NOTHING;
  if (press.key === 'F1' && (where.place === 'sale' || where.place === 'done')) return { kind: 'keys' };
  if (press.key === 'F2' && selling(where.place)) return { kind: 'field' };
  if (press.key === 'F3' && editing(where.place)) return { kind: 'quantity' };
  if (press.key === 'F4' && editing(where.place)) return { kind: 'price' };
  if (press.key === 'F6' && (editing(where.place) || where.place === 'doubt')) return { kind: 'park' };
  if (press.key === 'F7' && (choosing(where.place) || where.place === 'done')) return { kind: 'list' };
  return NOTHING;
}

function enterKey(where: Where, repeat: boolean): Act | null {
  if (where.focus === 'control') return null;
  if (where.focus === 'money' || repeat || !choosing(where.place)) return NOTHING;
  return { kind: 'enter' };
}
