/** The page of the journal: what is looked for, the page of facts that was found, and what a walk along the chain says. */
import { asFailure, type Backend } from '../backend/backend';
import type { Failure, JournalPage, JournalState, JournalTopic } from '../backend/contract';

export const TOPICS: readonly JournalTopic[] = ['sales', 'payments', 'corrections', 'people', 'shop'];

export class Journal {
  page = $state.raw<JournalPage | null>(null);
  person = $state<string | null>(null);
  topic = $state<JournalTopic | null>(null);
  day = $state<string | null>(null);
  /** Where each page down to this one begins; the first begins with the newest fact. */
  private starts = $state.raw<(number | null)[]>([null]);
  busy = $state(false);
  failure = $state.raw<Failure | null>(null);
  verified = $state.raw<JournalState | null>(null);
  verifying = $state(false);
  /** Answers to what is no longer asked are dropped. */
  private turn = 0;

  constructor(private readonly backend: Backend) {}

  get filtered(): boolean {
    return this.person !== null || this.topic !== null || this.day !== null;
  }

  get hasNewer(): boolean {
    return this.starts.length > 1;
  }

  load(): Promise<void> {
    return this.show([null]);
  }

  /** Looks for something else, from the newest on. */
  find(change: { person?: string | null; topic?: JournalTopic | null; day?: string | null }): Promise<void> {
    if (change.person !== undefined) this.person = change.person;
    if (change.topic !== undefined) this.topic = change.topic;
    if (change.day !== undefined) this.day = change.day;
    return this.show([null]);
  }

  all(): Promise<void> {
    return this.find({ person: null, topic: null, day: null });
  }

  async older(): Promise<void> {
    const older = this.page?.older ?? null;
    if (older !== null) await this.show([...this.starts, older]);
  }

  async newer(): Promise<void> {
    if (this.hasNewer) await this.show(this.starts.slice(0, -1));
  }

  private async show(starts: (number | null)[]): Promise<void> {
    this.turn += 1;
    const turn = this.turn;
    this.busy = true;
    this.failure = null;
    try {
      const page = await this.backend.journalShow(this.person, this.topic, this.day, starts.at(-1) ?? null);
      if (turn !== this.turn) return;
      this.page = page;
      this.starts = starts;
    } catch (reason) {
      if (turn === this.turn) this.failure = asFailure(reason);
    } finally {
      if (turn === this.turn) this.busy = false;
    }
  }

  async verify(): Promise<void> {
    if (this.verifying) return;
    this.verifying = true;
    this.verified = null;
    this.failure = null;
    try {
      this.verified = await this.backend.journalVerify();
    } catch (reason) {
      this.failure = asFailure(reason);
    } finally {
      this.verifying = false;
    }
  }

  /** The page is left, or the till is locked. */
  leave(): void {
    this.turn += 1;
    this.page = this.verified = this.failure = null;
    this.person = this.topic = this.day = null;
    this.starts = [null];
    this.busy = false;
  }
}
