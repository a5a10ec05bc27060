/**
 * The checkout window's side of the till: the newest view, the typed field, and the acts a key or a touch starts.
 * It shows state and never owns it: every act is a command, every command answers a whole new view.
 */
import { asFailure, type Backend, type Resolution } from '../backend/backend';
import type { Attempt, Failure, ReceiptQr, RightCode, View } from '../backend/contract';
import { locale } from '../locale.svelte';
import { statusWords } from './announce';
import { Aside } from './aside.svelte';
import { Closing } from './closing.svelte';
import { Edit } from './edit.svelte';
import { Entry } from './entry.svelte';
import type { Place } from './keys';
import { Declined, Lift } from './lift.svelte';
import { Payment } from './payment.svelte';
import { may } from './rights';
import { Desk } from './settings.svelte';
import { SignIn } from './sign-in.svelte';

/** A line the cashier must read before going on; it moves no money. */
export type Problem =
  | { kind: 'unknown'; code: string }
  | { kind: 'typed'; text: string }
  | { kind: 'not_amount'; text: string }
  | { kind: 'reason' }
  | { kind: 'failure'; failure: Failure };

const APPROVED_MS = 600;

export class Till {
  view = $state.raw<View | null>(null);
  /** When the view came, on the clock of `performance.now()`: counters in it are counted on from here. */
  viewAt = $state(0);
  problem = $state.raw<Problem | null>(null);
  /** A scan came while money was moving. */
  scanRefused = $state(false);
  /** The chosen cart line. */
  selected = $state<number | null>(null);
  /** The approved attempt, shown for a moment before the closed sale. */
  approved = $state.raw<Attempt | null>(null);
  /** A dialog has the keyboard. */
  dialog = $state(false);
  /** Polite news for screen readers. */
  status = $state('');

  readonly entry: Entry;
  readonly desk: Desk;
  readonly lift: Lift;
  readonly signIn = new SignIn(this);
  readonly payment = new Payment(this);
  readonly edit = new Edit(this);
  readonly aside = new Aside(this);
  readonly closing = new Closing(this);

  constructor(readonly backend: Backend) {
    this.entry = new Entry(backend);
    this.lift = new Lift(backend, () => void this.ask(() => this.backend.viewShow()));
    this.desk = new Desk(backend, (call) => this.ask(call));
  }

  async start(): Promise<() => void> {
    const stops = [await this.backend.onView((view) => this.accept(view)), await this.backend.onCloseAsked(() => this.closing.ask())];
    await this.ask(() => this.backend.viewShow());
    return () => stops.forEach((stop) => stop());
  }

  /** Answers and events may cross; the larger revision is the newer truth. */
  accept(next: View): void {
    const before = this.view;
    if (before !== null && next.revision < before.revision) return;
    locale.code = next.locale;
    if (next.screen.kind === 'paying' || next.screen.kind === 'doubt') this.desk.close(); // Money on its way is never hidden.
    this.status = statusWords(before, next) ?? this.status;
    this.showApproved(before, next);
    if (before?.screen.kind !== next.screen.kind) this.scanRefused = false;
    if (!next.cart.lines.some((line) => line.id === this.selected)) this.selected = null;
    const dueChanged = before !== null && before.cart.due.figures !== next.cart.due.figures;
    this.view = next;
    this.follow(before, next);
    this.viewAt = performance.now();
    if (dueChanged) this.entry.refresh();
    if (next.screen.kind === 'paying' || next.screen.kind === 'doubt') this.aside.close();
    if (next.screen.kind !== 'sale' && this.entry.text !== '') this.entry.open('search');
    else if (next.screen.kind !== 'sale') this.entry.mode = 'search';
  }

  /** Nobody at the till: every dialog, page and typed text goes with the one who left. */
  private follow(before: View | null, next: View): void {
    if (next.session !== null) {
      if (before?.session == null) this.signIn.end();
      return;
    }
    if (before !== null && before.session === null && before.screen.kind === next.screen.kind) return;
    this.lift.close();
    this.desk.drop();
    this.aside.close();
    this.dialog = false;
    this.problem = null;
    this.approved = null;
    this.entry.open('search');
    if (next.screen.kind === 'sign_in') this.signIn.begin(next.screen.people, next.screen.last);
  }

  /** Who is signed in may do it, alone or with another's word. */
  may = (right: RightCode): boolean => may(this.view?.session ?? null, right);

  /** Where digits are a PIN. */
  get pad(): SignIn | Lift | null {
    if (this.place === 'lift') return this.lift;
    return this.place === 'sign_in' ? this.signIn : null;
  }

  private showApproved(before: View | null, next: View): void {
    // Whatever else is told of a closed sale, the yes keeps its moment.
    if (before?.screen.kind === 'done' && next.screen.kind === 'done') return;
    this.approved = null;
    const open = before?.screen.kind === 'paying' || before?.screen.kind === 'doubt' ? before.screen.attempt : null;
    if (open === null || next.screen.kind !== 'done') return;
    const shown: Attempt = { ...open, state: 'approved', changedAt: next.screen.done.closedAt };
    this.approved = shown;
    setTimeout(() => {
      if (this.approved === shown) this.approved = null;
    }, APPROVED_MS);
  }

  get place(): Place {
    if (this.closing.asked) return 'dialog';
    if (this.lift.approval !== null) return 'lift';
    if (this.dialog) return 'dialog';
    if (this.desk.page !== null) return 'settings';
    if (this.aside.open) return 'list';
    if (this.waiting !== null) return 'doubt';
    const kind = this.view?.screen.kind ?? 'sale';
    if (kind === 'first_owner') return 'dialog';
    if (kind !== 'sale' || this.entry.mode === 'search') return kind;
    return this.entry.editing ? 'edit' : 'pad';
  }

  /** The attempt on the screen that only the device can tell of: its sale may be put aside. */
  get waiting(): string | null {
    const screen = this.view?.screen;
    if (screen?.kind === 'doubt') return screen.attempt.id;
    if (screen?.kind === 'paying' && (screen.attempt.afterRestart || screen.attempt.stopAsked)) return screen.attempt.id;
    return null;
  }

  /** What was wrong before is over when something new begins; an answer that comes late must not hide newer trouble. */
  async ask(call: () => Promise<View>): Promise<boolean> {
    this.problem = null;
    try {
      this.accept(await this.lift.over(call));
      return true;
    } catch (reason) {
      if (!(reason instanceof Declined)) this.problem = { kind: 'failure', failure: asFailure(reason) };
      return false;
    }
  }

  /** A whole code from the scanner, whatever had the focus. */
  async scan(code: string): Promise<void> {
    this.payment.deafen();
    const place = this.view?.screen.kind;
    if (this.closing.asked) return;
    if (this.lift.approval !== null) return this.lift.scanned(code);
    if (place === 'sign_in') return this.signIn.badge(code);
    if (place === 'first_owner') return;
    if (this.desk.people.awaiting) return this.desk.people.setBadge(code);
    if (place === 'paying' || place === 'doubt') {
      this.scanRefused = true;
      return;
    }
    this.entry.open('search');
    this.desk.close(); // What was typed there stays in its form.
    this.aside.close();
    if (place === 'refused' && !(await this.ask(() => this.backend.screenDismiss()))) return;
    await this.addByCode(code);
  }

  /** True when the till knew the code. An unknown one is told, nothing else changes. */
  private async addByCode(code: string): Promise<boolean> {
    this.problem = null;
    try {
      this.accept(await this.lift.over(() => this.backend.itemScan(code)));
      return true;
    } catch (reason) {
      const why = asFailure(reason);
      this.problem = why.code === 'unknown_code' ? { kind: 'unknown', code } : { kind: 'failure', failure: why };
      return false;
    }
  }

  add(itemId: number): Promise<boolean> {
    this.entry.open('search');
    return this.ask(() => this.backend.itemAdd(itemId));
  }

  /** Enter: an exact code first, else the chosen result. It never pays. */
  async enter(): Promise<void> {
    const { entry } = this;
    const text = entry.text.trim();
    if (this.place === 'sign_in') return this.signIn.submit();
    if (this.aside.open) return this.aside.recall();
    if (entry.editing) return this.edit.apply();
    if (entry.mode === 'by_price') return this.edit.sellTyped();
    if (entry.mode === 'cash' || text === '') return;
    const pointed = entry.pointed ? entry.hits[entry.chosen] : undefined;
    if (pointed !== undefined) return void (await this.add(pointed.itemId));
    const typed = entry.text;
    // Digits look like a code, which is exact; a word is looked for first and tried as a code last.
    const codes = [text, entry.spelled()].filter((code) => code !== null && !/\s/.test(code)) as string[];
    const [likely, unlikely] = /\d/.test(text) ? [codes.slice(0, 1), codes.slice(1)] : [[], codes];
    if (await this.addFirst(likely)) return entry.text === typed ? entry.clear() : undefined;
    await entry.settled();
    const hit = entry.answered === typed ? entry.hits[0] : undefined;
    if (hit !== undefined) return void (await this.add(hit.itemId));
    if (entry.text === typed) entry.clear();
    if (await this.addFirst(unlikely)) return;
    this.problem ??= { kind: 'unknown', code: text };
  }

  /** Tries codes in turn; an unknown one is no news yet, and hides nothing that was refused before. */
  private async addFirst(codes: string[]): Promise<boolean> {
    for (const code of codes) {
      const before = this.problem;
      if (await this.addByCode(code)) return true;
      if (this.problem?.kind === 'unknown') this.problem = before;
    }
    return false;
  }

  async removeLine(): Promise<void> {
    const line = this.entry.editing && this.entry.mode !== 'cart_discount' ? (this.edit.line?.id ?? null) : this.selected;
    if (line !== null && (await this.ask(() => this.backend.lineRemove(line))) && this.entry.editing) this.entry.open('search');
  }

  restoreLine(): Promise<boolean> {
    return this.view?.cart.removed == null ? Promise.resolve(false) : this.ask(() => this.backend.lineRestore());
  }

  /** With text in the field the arrows choose a result, with an empty one a cart line. */
  move(by: 1 | -1): void {
    if (this.aside.open) return this.aside.move(by);
    if (this.entry.text !== '') return this.entry.editing ? undefined : this.entry.move(by);
    const lines = this.view?.cart.lines ?? [];
    const at = lines.findIndex((line) => line.id === this.selected);
    const to = at < 0 ? (by < 0 ? lines.length - 1 : 0) : at + by;
    this.selected = lines[to]?.id ?? null;
  }

  /** Esc: one step back. While a device works it stops the waiting, which cancels nothing. */
  async back(): Promise<void> {
    const screen = this.view?.screen;
    if (this.desk.page !== null) return this.desk.back();
    if (screen === undefined) return;
    if (this.aside.open) return this.aside.back();
    switch (screen.kind) {
      case 'paying':
        if (!screen.attempt.stopAsked && !screen.attempt.afterRestart) await this.stopWaiting(screen.attempt.id);
        return;
      case 'refused':
      case 'done':
        await this.dismiss();
        return;
      case 'sign_in':
        return this.signIn.back();
      case 'doubt':
      case 'first_owner':
        return;
      case 'sale':
        return this.backOnSale();
      default:
        return screen satisfies never;
    }
  }

  private backOnSale(): void {
    if (this.entry.mode !== 'search') this.entry.open('search');
    else if (this.problem !== null || this.entry.text !== '') this.entry.clear();
    else this.selected = null;
    this.problem = null;
  }

  dismiss = (): Promise<boolean> => this.ask(() => this.backend.screenDismiss());
  stopWaiting = (id: string): Promise<boolean> => this.ask(() => this.backend.attemptStopWaiting(id));
  check = (id: string): Promise<boolean> => this.ask(() => this.backend.attemptCheck(id));
  park = (id: string): Promise<boolean> => this.ask(() => this.backend.attemptPark(id));
  openAttempt = (id: string): Promise<boolean> => this.ask(() => this.backend.attemptOpen(id));
  resolve = (resolution: Resolution): Promise<boolean> => this.ask(() => this.backend.attemptResolve(resolution));
  setLocale = (code: string): Promise<boolean> => this.ask(() => this.backend.localeSet(code));

  async receiptQr(receiptNumber: string): Promise<ReceiptQr | null | undefined> {
    try {
      return await this.lift.over(() => this.backend.receiptQr(receiptNumber));
    } catch (reason) {
      this.problem = { kind: 'failure', failure: asFailure(reason) };
      return undefined;
    }
  }

  async savePdf(receiptNumber: string): Promise<string | null> {
    try {
      return await this.lift.over(() => this.backend.receiptSavePdf(receiptNumber));
    } catch (reason) {
      this.problem = { kind: 'failure', failure: asFailure(reason) };
      return null;
    }
  }
}
