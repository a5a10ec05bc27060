/** The page of the Kaspi terminal: how the till stands with it, and the way through its set-up. */
import { asFailure, type Backend } from '../backend/backend';
import type { Failure, KaspiAnswer, KaspiFound, KaspiSettings, KaspiState, KaspiTrouble } from '../backend/contract';
import { t } from '../words';

export const STEPS = ['address', 'security', 'register', 'test'] as const;
export type Step = (typeof STEPS)[number];
type Busy = 'asking' | 'searching' | 'registering' | 'saving' | 'paying' | 'refunding';

/** The settings form that the set-up is typed into. */
export interface Form {
  readonly kaspi: KaspiSettings | null;
  readonly tillName: string;
  put(kaspi: KaspiSettings | null): void;
  /** Whole or not at all; what was refused is said by the form. */
  save(): Promise<boolean>;
  reset(): void;
}

/** A person walks to the terminal and presses. */
export const PRESS_MS = 180_000;

export class Terminal {
  /** Null while the terminal is looked at and nothing is set up. */
  step = $state<Step | null>(null);
  state = $state.raw<KaspiState | null>(null);
  /** What the last act met. */
  refused = $state.raw<{ trouble: KaspiTrouble; key: string | null } | null>(null);
  busy = $state<Busy | null>(null);
  found = $state.raw<KaspiFound[] | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** On the clock of `performance.now()`. */
  askedAt = $state(0);
  /** An act that takes a permission or the terminal away is pressed twice. */
  sure = $state<'forget' | 'remove' | null>(null);
  /** Answers to a page that was left are dropped. */
  private turn = 0;

  constructor(
    private readonly backend: Backend,
    private readonly form: Form,
  ) {}

  get trouble(): KaspiTrouble | null {
    return this.refused?.trouble ?? this.state?.trouble ?? null;
  }

  /** The step may be left forwards. */
  get mayGoOn(): boolean {
    if (this.busy !== null) return false;
    if (this.step === 'address') return (this.form.kaspi?.address ?? '').trim() !== '';
    return this.step !== 'register' || this.state?.permission === 'let_in';
  }

  /** What is under way must be waited for, or stopped where it is. */
  get isHeld(): boolean {
    return this.busy !== null && this.busy !== 'asking' && this.busy !== 'searching';
  }

  look(): Promise<void> {
    return this.form.kaspi === null ? Promise.resolve() : this.ask('asking', () => this.backend.kaspiShow());
  }

  begin(): void {
    const name = [t('settings_kaspi_usual_name'), this.form.tillName.trim()].filter(Boolean).join('-');
    if (this.form.kaspi === null) this.form.put({ address: '', security: 'strict', tlsName: '', name, ownReceipt: true });
    this.refused = null;
    this.found = null;
    this.sure = null;
    this.step = 'address';
  }

  async find(): Promise<void> {
    this.found = null;
    await this.run('searching', () => this.backend.kaspiSearch(null), (answer) => {
      if (answer.kind === 'refused') this.refused = { trouble: answer.trouble, key: null };
      else this.found = answer.terminals;
    });
  }

  choose(found: KaspiFound): void {
    const { kaspi } = this.form;
    if (kaspi === null) return;
    const security = found.protected ? (kaspi.security === 'open' ? 'strict' : kaspi.security) : 'open';
    this.form.put({ ...kaspi, address: found.address, security });
  }

  change(change: Partial<KaspiSettings>): void {
    const { kaspi } = this.form;
    if (kaspi !== null) this.form.put({ ...kaspi, ...change });
  }

  async next(): Promise<void> {
    this.refused = null;
    if (this.step === 'address') this.step = 'security';
    else if (this.step === 'security') await this.store();
    else if (this.step === 'register') await this.prove();
    else this.finish();
  }

  back(): void {
    const at = STEPS.indexOf(this.step ?? 'address');
    const openMode = this.form.kaspi?.security === 'open';
    const before = STEPS[this.step === 'test' && openMode ? 1 : at - 1];
    this.refused = null;
    if (before === undefined) this.finish();
    else this.step = before;
  }

  /** Leaves the set-up. What was saved on the way stays. */
  finish(): void {
    this.form.reset();
    this.step = this.refused = null;
    void this.look();
  }

  private async store(): Promise<void> {
    this.busy = 'saving';
    const saved = await this.form.save();
    this.busy = null;
    if (!saved) return;
    this.state = null;
    if (this.form.kaspi?.security === 'open') return this.prove();
    this.step = 'register';
    await this.look();
  }

  private prove(): Promise<void> {
    this.step = 'test';
    return this.test();
  }

  test(): Promise<void> {
    return this.ask('asking', () => this.backend.kaspiTest());
  }

  /** The smallest payment and then its refund; one that was paid before is given back alone. */
  async tryOut(): Promise<void> {
    if (this.state?.trial?.step !== 'paid') await this.ask('paying', () => this.backend.kaspiTry(crypto.randomUUID()));
    if (this.state?.trial?.step === 'paid' && this.failure === null) await this.ask('refunding', () => this.backend.kaspiTry(crypto.randomUUID()));
  }

  async register(compared: string | null = null): Promise<void> {
    if (!(await this.form.save())) return;
    await this.ask('registering', () => this.backend.kaspiRegister(compared));
  }

  async giveUp(): Promise<void> {
    try {
      await this.backend.kaspiGiveUp();
    } catch (reason) {
      this.failure = asFailure(reason);
    }
  }

  renew(): Promise<void> {
    return this.ask('asking', () => this.backend.kaspiRenew());
  }

  async forget(): Promise<void> {
    if (!this.isSure('forget')) return;
    await this.ask('asking', () => this.backend.kaspiForget());
  }

  async remove(): Promise<void> {
    if (!this.isSure('remove')) return;
    this.form.put(null);
    if (await this.form.save()) this.state = this.refused = null;
  }

  unlock(passphrase: string): Promise<void> {
    return this.ask('asking', () => this.backend.kaspiUnlock(passphrase));
  }

  async ownReceipt(on: boolean): Promise<void> {
    this.change({ ownReceipt: on });
    await this.form.save();
  }

  /** The page is left, or the till is locked. A registration goes on waiting only as long as somebody looks at it. */
  leave(): void {
    if (this.busy === 'registering') void this.giveUp();
    if (this.step !== null) this.form.reset();
    this.turn += 1;
    this.step = this.state = this.refused = this.busy = this.found = this.failure = this.sure = null;
  }

  private isSure(act: 'forget' | 'remove'): boolean {
    const sure = this.sure === act;
    this.sure = sure ? null : act;
    return sure;
  }

  private ask(busy: Busy, call: () => Promise<KaspiAnswer>): Promise<void> {
    return this.run(busy, call, (answer) => {
      if (answer.kind === 'state') this.state = answer.state;
      else this.refused = { trouble: answer.trouble, key: answer.key };
    });
  }

  private async run<T>(busy: Busy, call: () => Promise<T>, show: (answer: T) => void): Promise<void> {
    if (this.busy !== null) return;
    const { turn } = this;
    this.busy = busy;
    this.askedAt = performance.now();
    this.refused = this.failure = null;
    try {
      const answer = await call();
      if (turn === this.turn) show(answer);
    } catch (reason) {
      if (turn === this.turn) this.failure = asFailure(reason);
    } finally {
      if (turn === this.turn) this.busy = null;
    }
  }
}
