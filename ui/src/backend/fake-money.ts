/** Money for the make-believe till only. The real one counts in Rust; the screen itself never does. */
import type { AmountText } from './contract';

export type Tiyn = bigint;

const group = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, '\u00a0');

export function tenge(minor: Tiyn): AmountText {
  const whole = minor / 100n;
  const rest = minor % 100n;
  return { figures: group(String(whole)) + (rest === 0n ? '' : `,${String(rest).padStart(2, '0')}`), sign: '₸' };
}

/** "5000" or "12,50" to minor units; null when it is no sum. */
export function parseTenge(text: string): Tiyn | null {
  const match = /^(\d{1,9})(?:[.,](\d{1,2}))?$/.exec(text);
  if (match === null) return null;
  return BigInt(match[1] ?? '0') * 100n + BigInt((match[2] ?? '').padEnd(2, '0'));
}

/** "3" or "0,746" to thousandths; null when it is no quantity or nothing. */
export function parseThousandths(text: string): bigint | null {
  const match = /^(\d{1,6})(?:[.,](\d{1,3}))?$/.exec(text);
  if (match === null) return null;
  const value = BigInt(match[1] ?? '0') * 1000n + BigInt((match[2] ?? '').padEnd(3, '0'));
  return value === 0n ? null : value;
}

export function thousandths(value: bigint): string {
  const rest = value % 1000n;
  return String(value / 1000n) + (rest === 0n ? '' : `,${String(rest).padStart(3, '0').replace(/0+$/, '')}`);
}

/** Rounded once to whole tenge, half away from zero. */
export function lineAmount(price: Tiyn, quantity: bigint): Tiyn {
  return ((price * quantity + 50_000n) / 100_000n) * 100n;
}

/** The part of a sum that is tax at 16 percent included in it. */
export function taxIncluded(total: Tiyn): Tiyn {
  return (total * 16n * 2n + 116n) / (116n * 2n);
}

const NOTES: Tiyn[] = [1_000n, 2_000n, 5_000n, 10_000n, 20_000n, 50_000n, 100_000n].map((note) => note * 100n);

/** The next three sums a customer is likely to hand over. */
export function nextNotes(due: Tiyn): Tiyn[] {
  return NOTES.map((note) => ((due + note - 1n) / note) * note)
    .filter((sum, index, all) => sum > due && all.indexOf(sum) === index)
    .slice(0, 3);
}
