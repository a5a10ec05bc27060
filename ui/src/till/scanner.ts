/**
 * Tells a scan from typing by its speed alone, because a scanner is a keyboard to the system.
 * Pure: strokes and times go in, verdicts come out. Keys are read by their place (`code`) with a US table,
 * since the Kazakh layout has letters on the digit row.
 */
export interface Stroke {
  code: string;
  key: string;
  shift: boolean;
  ctrl: boolean;
  /** Milliseconds on any steady clock. */
  at: number;
}

export type Verdict =
  /** Nothing special: the key means what it says. */
  | { kind: 'key' }
  /** A whole code came in; the key that ended it is used up. */
  | { kind: 'scan'; text: string }
  /** Fast, ended by Enter, but too short to be sure. A screen without a field may take it as a code. */
  | { kind: 'short'; text: string };

export const LEAST_LENGTH = 6;
export const FASTEST_HAND_MS = 30;
export const SILENCE_MS = 100;
/** For this long after a scan the pay keys are deaf. */
export const DEAF_MS = 300;

const SYMBOLS: Record<string, string> = {
  Minus: '-_', Equal: '=+', BracketLeft: '[{', BracketRight: ']}', Backslash: '\\|', Semicolon: ';:', Quote: '\'"',
  Backquote: '`~', Comma: ',<', Period: '.>', Slash: '/?', Space: '  ', NumpadDecimal: '..', NumpadAdd: '++',
  NumpadSubtract: '--', NumpadMultiply: '**', NumpadDivide: '//',
};
const SHIFTED_DIGITS = ')!@#$%^&*(';
/** Keys that a scanner presses beside its characters; they neither belong to a code nor end it. */
const HELD_OR_LOCKED = /^(Shift|Control|Alt|AltGraph|Meta|CapsLock|NumLock|ScrollLock)(Left|Right)?$/;
const GROUP_SEPARATOR = '\u001d';

/** The character a US keyboard would give, or null for a key that gives none. */
export function decode(stroke: Pick<Stroke, 'code' | 'key' | 'shift' | 'ctrl'>): string | null {
  const { code, shift } = stroke;
  // Marking codes carry the group separator, which scanners send as Ctrl ].
  if (stroke.ctrl) return code === 'BracketRight' ? GROUP_SEPARATOR : null;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined) return shift ? letter : letter.toLowerCase();
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  if (digit !== undefined) return shift && code.startsWith('Digit') ? SHIFTED_DIGITS.charAt('0123456789'.indexOf(digit)) : digit;
  const pair = SYMBOLS[code];
  if (pair !== undefined) return pair.charAt(shift ? 1 : 0);
  // A key without a known place (on-screen keyboards): take what it says.
  return [...stroke.key].length === 1 && code === '' ? stroke.key : null;
}

export class Scanner {
  private text = '';
  private firstAt = 0;
  private lastAt = 0;

  press(stroke: Stroke): Verdict {
    if (HELD_OR_LOCKED.test(stroke.key) || HELD_OR_LOCKED.test(stroke.code)) return { kind: 'key' };
    const burst = stroke.at - this.lastAt > SILENCE_MS ? '' : this.text;
    const character = decode(stroke);
    if (character !== null) {
      if (burst === '') this.firstAt = stroke.at;
      this.text = burst + character;
      this.lastAt = stroke.at;
      return { kind: 'key' };
    }
    this.text = burst;
    const text = this.take();
    if (text === null) return { kind: 'key' };
    // Any other key ends a burst too: an F key right behind a scan must find the scan already taken.
    if (text.length >= LEAST_LENGTH) return { kind: 'scan', text };
    return stroke.key === 'Enter' && text.length > 1 ? { kind: 'short', text } : { kind: 'key' };
  }

  /** The key just pressed may be the first of a scan. */
  get begins(): boolean {
    return this.text.length === 1;
  }

  /** Call when SILENCE_MS have passed since the last stroke. */
  idle(): string | null {
    const text = this.take();
    return text !== null && text.length >= LEAST_LENGTH ? text : null;
  }

  /**
   * The burst, if all of it was faster than a hand. A stall in the middle does not split it: half a code could be
   * another product's code, while a whole unknown one adds nothing.
   */
  private take(): string | null {
    const { text, firstAt, lastAt } = this;
    this.text = '';
    const gaps = text.length - 1;
    if (gaps < 0) return null;
    return gaps === 0 || (lastAt - firstAt) / gaps <= FASTEST_HAND_MS ? text : null;
  }
}
