/** A PIN while it is typed, and what stands after a wrong one. Nothing of it is kept once it is taken. */
import { asFailure } from '../backend/backend';
import type { FailureCode, PinWait } from '../backend/contract';
import { minutes } from '../parts/clock.svelte';
import { plural, t } from '../words';

/** The shortest PIN there is; a role may want more. */
export const LEAST_DIGITS = 4;
const MOST_DIGITS = 32;

export class Pin {
  private digits = $state('');
  private marked = 0;

  get count(): number {
    return this.digits.length;
  }

  get complete(): boolean {
    return this.count >= LEAST_DIGITS;
  }

  press(digit: string): void {
    if (this.count < MOST_DIGITS) this.digits += digit;
  }

  erase(): void {
    this.digits = this.digits.slice(0, -1);
  }

  clear(): void {
    this.digits = '';
  }

  /** On its way to the till it leaves the screen. */
  take(): string {
    const { digits } = this;
    this.clear();
    return digits;
  }

  /** The next digits may be those of a scan… */
  mark(): void {
    this.marked = this.count;
  }

  /** …and were: they are no PIN. */
  rewind(): void {
    this.digits = this.digits.slice(0, this.marked);
  }
}

/** Why a try did not pass, and when that was, on the clock of `performance.now()`. */
export interface Refused {
  code: FailureCode;
  wait: PinWait | null;
  at: number;
}

/** Refused tries, each with whom it was for. */
export class Tries {
  private refused = $state.raw<Record<string, Refused>>({});

  of(who: string): Refused | null {
    return this.refused[who] ?? null;
  }

  note(who: string, reason: unknown): void {
    const { code, pin = null } = asFailure(reason);
    this.refused = { ...this.refused, [who]: { code, wait: pin, at: performance.now() } };
  }

  forget(): void {
    this.refused = {};
  }

  /** How long no try is looked at. A clock on the screen may be a step behind. */
  waitMs(who: string, now: number): number {
    const refused = this.of(who);
    return refused?.wait == null ? 0 : Math.max(0, refused.wait.waitMs - Math.max(0, now - refused.at));
  }
}

/** What is left after a refused try; `waitMs` is what is still to wait. */
export function triesWords({ wait }: Refused, waitMs: number): string {
  if (wait === null) return '';
  // Rounded up, so that 0:00 is never shown as a time still to wait.
  if (waitMs > 0) return t('pin_wait', { time: minutes(waitMs + 999) });
  if (wait.waitMs > 0) return wait.nextWaitMinutes > 0 ? t('pin_again_then', { minutes: wait.nextWaitMinutes }) : t('pin_again');
  if (wait.triesLeft === 0) return '';
  return wait.nextWaitMinutes > 0 ? plural('pin_tries_then', wait.triesLeft, { minutes: wait.nextWaitMinutes }) : plural('pin_tries', wait.triesLeft);
}

/** The same for a screen reader, once: a counting clock is not read out. */
export function refusedWords(refused: Refused | null): string {
  return refused === null ? '' : `${t(`failure_${refused.code}`)} ${triesWords(refused, refused.wait?.waitMs ?? 0)}`.trim();
}
