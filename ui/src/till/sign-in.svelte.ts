/** Who comes to the till: the tiles, the PIN, the badge; and leaving it to someone else. Whether a PIN is right, Rust alone knows. */
import type { PersonTile } from '../backend/contract';
import { Pin, Tries, type Refused } from './pin.svelte';
import type { Till } from './till.svelte';

/** Refused badges belong to nobody. */
const BADGE = '';

export class SignIn {
  readonly pin = new Pin();
  readonly tries = new Tries();
  /** The tile under the arrow keys. Enter chooses it, and so does the first digit. */
  at = $state<string | null>(null);
  chosen = $state<string | null>(null);
  private sending = false;
  /** Somebody else comes: the one who leaves is not offered first. */
  private switching = false;
  private marked: string | null = null;

  constructor(private readonly till: Till) {}

  get people(): PersonTile[] {
    const screen = this.till.view?.screen;
    return screen?.kind === 'sign_in' ? screen.people : [];
  }

  get person(): PersonTile | null {
    return this.people.find((person) => person.id === this.chosen) ?? null;
  }

  get refused(): Refused | null {
    return this.tries.of(this.chosen ?? BADGE);
  }

  waitMs(now: number): number {
    return this.tries.waitMs(this.chosen ?? BADGE, now);
  }

  /** Nobody is signed in any more. */
  begin(people: PersonTile[], last: string | null): void {
    this.end();
    const first = this.switching ? people.find((person) => person.id !== last) : people.find((person) => person.id === last);
    this.at = (first ?? people[0])?.id ?? null;
    this.switching = false;
  }

  /** Somebody is signed in. */
  end(): void {
    this.pin.clear();
    this.tries.forget();
    this.chosen = null;
  }

  choose(id: string): void {
    this.pin.clear();
    this.at = id;
    this.chosen = id;
  }

  type(digit: string): void {
    if (this.chosen === null && this.at !== null) this.choose(this.at);
    if (this.chosen !== null && this.waitMs(performance.now()) === 0) this.pin.press(digit);
  }

  erase(): void {
    this.pin.erase();
  }

  back(): void {
    this.pin.clear();
    this.chosen = null;
  }

  async submit(): Promise<void> {
    const id = this.chosen;
    if (id === null || !this.pin.complete || this.waitMs(performance.now()) > 0) return;
    await this.open(id, () => this.till.backend.sessionOpen(id, this.pin.take()));
  }

  async badge(code: string): Promise<void> {
    this.back();
    await this.open(BADGE, () => this.till.backend.sessionOpenByBadge(code));
  }

  private async open(who: string, call: () => ReturnType<Till['backend']['sessionOpen']>): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    this.till.problem = null;
    try {
      this.till.accept(await call());
    } catch (reason) {
      this.tries.note(who, reason);
    } finally {
      this.sending = false;
    }
  }

  mark(): void {
    this.marked = this.chosen;
    this.pin.mark();
  }

  rewind(): void {
    this.chosen = this.marked;
    this.pin.rewind();
  }

  /** The till is left alone; the one who locks it is the first to come back. */
  async lock(): Promise<void> {
    if (this.till.view?.session?.person != null) await this.till.ask(() => this.till.backend.sessionLock());
  }

  /** Somebody else takes over; the cart stays. */
  async change(): Promise<void> {
    this.switching = true;
    await this.lock();
    this.switching = false;
  }
}
