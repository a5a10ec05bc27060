/** What a person may not do alone, another allows: one prompt, and then the same command once more. */
import { asFailure, type Backend } from '../backend/backend';
import type { Approval, PersonTile, Proof } from '../backend/contract';
import { Pin, Tries, type Refused } from './pin.svelte';

/** Why it was allowed, as the journal keeps it. */
export const LIFT_REASONS = ['customer', 'goods', 'mistake', 'agreed', 'checked'] as const;
export type LiftReason = (typeof LIFT_REASONS)[number];

/** The prompt was closed: nothing happened, and nothing needs saying. */
export class Declined extends Error {}

export class Lift {
  approval = $state.raw<Approval | null>(null);
  readonly pin = new Pin();
  readonly tries = new Tries();
  /** Who allows it. */
  who = $state<string | null>(null);
  reason = $state<LiftReason | null>(null);
  private badge = $state<string | null>(null);
  private sending = $state(false);
  private answer: { given: () => void; declined: (reason: unknown) => void } | null = null;

  constructor(
    private readonly backend: Backend,
    /** The till has locked itself, and this was not heard. */
    private readonly locked: () => void,
  ) {}

  /** Gives the command, and once more after someone has allowed it. */
  async over<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (reason) {
      const { code, approval } = asFailure(reason);
      if (code === 'sign_in_needed') this.locked();
      if (code !== 'needs_approval' || approval === undefined || this.answer !== null) throw reason;
      await this.asked(approval);
      return await call();
    }
  }

  private asked(approval: Approval): Promise<void> {
    this.wipe();
    this.tries.forget();
    this.who = approval.people.length === 1 ? (approval.people[0]?.id ?? null) : null;
    this.reason = null;
    this.approval = approval;
    return new Promise((given, declined) => (this.answer = { given, declined }));
  }

  get person(): PersonTile | null {
    return this.approval?.people.find((person) => person.id === this.who) ?? null;
  }

  get badgeRead(): boolean {
    return this.badge !== null;
  }

  /** A badge that is not known belongs to nobody. */
  get refused(): Refused | null {
    return this.tries.of(this.who ?? '');
  }

  waitMs(now: number): number {
    return this.tries.waitMs(this.who ?? '', now);
  }

  get ready(): boolean {
    return this.reason !== null && !this.sending && (this.badgeRead || (this.who !== null && this.pin.complete));
  }

  choose(id: string): void {
    this.wipe();
    this.who = id;
  }

  type(digit: string): void {
    if (this.who === null || this.waitMs(performance.now()) > 0) return;
    this.badge = null;
    this.pin.press(digit);
  }

  erase(): void {
    this.pin.erase();
  }

  mark(): void {
    this.pin.mark();
  }

  rewind(): void {
    this.pin.rewind();
  }

  /** A scan here is a badge. It stands in for the name and the PIN; the button still gives the word. */
  scanned(code: string): void {
    this.wipe();
    this.who = null;
    this.tries.forget();
    this.badge = code;
  }

  async give(): Promise<void> {
    const { approval, reason } = this;
    if (approval === null || reason === null || !this.ready) return;
    const who = this.who ?? '';
    const proof: Proof = this.badge === null ? { kind: 'pin', personId: who, pin: this.pin.take() } : { kind: 'badge', badge: this.badge };
    this.badge = null;
    this.sending = true;
    try {
      await this.backend.liftGive(approval.refusalId, proof, reason);
      this.end((answer) => answer.given());
    } catch (why) {
      // Too late, or another cart: the prompt would ask for what is gone.
      if (asFailure(why).code === 'approval_gone') this.end((answer) => answer.declined(why));
      else this.tries.note(who, why);
    } finally {
      this.sending = false;
    }
  }

  close(): void {
    this.end((answer) => answer.declined(new Declined()));
  }

  private end(tell: (answer: NonNullable<Lift['answer']>) => void): void {
    const { answer } = this;
    this.answer = null;
    this.approval = null;
    this.wipe();
    if (answer !== null) tell(answer);
  }

  private wipe(): void {
    this.pin.clear();
    this.badge = null;
  }
}
