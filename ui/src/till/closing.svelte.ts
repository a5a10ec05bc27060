/** Closing the window while payments are open: the question, and what became of it. */
import type { Till } from './till.svelte';

const MINUTE_MS = 60_000;

export class Closing {
  /** The question stands on the screen. */
  asked = $state(false);
  /** The answer was yes; a payment that is being started is waited for. */
  leaving = $state(false);

  constructor(private readonly till: Till) {}

  ask(): void {
    this.asked = true;
  }

  stay(): void {
    if (!this.leaving) this.asked = false;
  }

  async leave(): Promise<void> {
    this.leaving = true;
    try {
      await this.till.backend.windowClose();
    } catch {
      // The window stays, and the question with it.
      this.leaving = false;
    }
  }
}

/** How old a payment is, in the largest unit that fits. */
export function age(ms: number): { key: 'age_now' | 'age_minutes' | 'age_hours' | 'age_days'; count: number } {
  const minutes = Math.floor(ms / MINUTE_MS);
  if (minutes < 1) return { key: 'age_now', count: 0 };
  if (minutes < 60) return { key: 'age_minutes', count: minutes };
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? { key: 'age_hours', count: hours } : { key: 'age_days', count: Math.floor(hours / 24) };
}
