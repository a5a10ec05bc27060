/**
 * A till in memory, for component tests and for looking at the screen in a browser. It behaves like the real one
 * as far as the screen can tell; the Kaspi terminal in it follows a script that is stepped by a timer or by hand.
 */
import { failure, type Backend, type Resolution } from './backend';
import type { Attempt, CashPreview, Failure, FailureCode, Light, QuickPage, Screen, SearchHit, TenderCode, View } from './contract';
import { GOODS, PAGES, type Good } from './fake-goods';
import { parseTenge, parseThousandths, tenge, type Tiyn } from './fake-money';
import { KASPI_SCRIPTS, newAttempt, type KaspiScript } from './fake-kaspi';
import { FakeShop } from './fake-shop';
import { closedSale, emptySale, showCart, type Sale } from './fake-sale';

export interface FakeOptions {
  /** What the terminal will do with the next payment. */
  kaspi?: KaspiScript;
  /** Milliseconds between the terminal's steps; null: only `step()` moves it. */
  paceMs?: number | null;
}

const fail = (code: FailureCode): Failure => failure(code, code);

export class FakeTill extends FakeShop implements Backend {
  locale = 'en';
  training = false;
  sale: Sale = emptySale(1042);
  screen: Screen = { kind: 'sale' };
  parked: { sale: Sale; attempt: Attempt } | null = null;
  linkDown = false;
  kaspi: KaspiScript;

  private revision = 1;
  private script: ((attempt: Attempt) => Attempt)[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private listeners = new Set<(view: View) => void>();

  constructor(private readonly options: FakeOptions = {}) {
    super();
    this.kaspi = options.kaspi ?? 'approve';
  }

  view(): View {
    const attempt = 'attempt' in this.screen ? this.screen.attempt : null;
    const working = this.screen.kind === 'paying' || this.screen.kind === 'doubt';
    const doubtful = this.screen.kind === 'doubt' ? attempt : (this.parked?.attempt ?? null);
    const cart = showCart(this.sale, { open: working, locked: working || this.sale.tenders.length > 0, kaspiBlocked: this.parked === null ? null : 'in_doubt' });
    const header = {
      shop: this.settings.name,
      till: this.settings.till,
      training: this.training,
      lights: [this.light(doubtful !== null, working)],
    };
    return {
      revision: this.revision,
      locale: this.locale,
      payReady: cart.payKeys.some((key) => key.blocked === null),
      header,
      tasks:
        doubtful === null
          ? []
          : [{ kind: 'doubt', attemptId: doubtful.id, tender: doubtful.tender, tenderName: doubtful.tenderName, amount: doubtful.amount, time: doubtful.changedAt.slice(0, 5), saleTicket: this.parked?.sale.ticket ?? this.sale.ticket }],
      cart,
      screen: this.screen,
      import: this.import,
      catalogue: this.catalogue,
    };
  }

  private light(inDoubt: boolean, working: boolean): Light {
    const kaspi = { device: 'kaspi', name: 'Kaspi' } as const;
    if (inDoubt) return { ...kaspi, state: 'attention', reason: 'in_doubt' };
    if (this.linkDown) return { ...kaspi, state: 'down', reason: 'no_link' };
    return { ...kaspi, state: working ? 'busy' : 'ready', reason: null };
  }

  /** The terminal's next step. */
  step(): void {
    const next = this.script.shift();
    if (next === undefined || this.screen.kind !== 'paying') return;
    this.settle(next(this.screen.attempt));
    for (const listener of this.listeners) listener(this.changed());
    this.plan();
  }

  private plan(): void {
    clearTimeout(this.timer);
    const pace = this.options.paceMs ?? null;
    if (pace !== null && this.script.length > 0) this.timer = setTimeout(() => this.step(), pace);
  }

  /** Puts the attempt where its state belongs. */
  settle(attempt: Attempt): void {
    switch (attempt.state) {
      case 'intended':
      case 'pending':
        this.screen = { kind: 'paying', attempt };
        return;
      case 'approved':
        this.sale.tenders.push({ tender: 'kaspi', name: 'Kaspi', amount: this.due() });
        this.close(null);
        return;
      case 'unknown':
        this.screen = { kind: 'doubt', attempt };
        return;
      case 'declined':
      case 'cancelled':
      case 'not_started':
        this.linkDown = attempt.reason === 'unreachable';
        this.screen = { kind: 'refused', attempt };
        return;
      default:
        attempt.state satisfies never;
    }
  }

  protected changed(): View {
    this.revision += 1;
    return this.view();
  }

  private total = (): Tiyn => this.sale.lines.reduce((sum, line) => sum + line.amount, 0n);
  private paid = (): Tiyn => this.sale.tenders.reduce((sum, tender) => sum + tender.amount, 0n);
  due = (): Tiyn => this.total() - this.paid();

  /** The cart may change; after a closed sale the first item opens the next one. */
  private openCart(): void {
    if (this.screen.kind === 'paying' || this.screen.kind === 'doubt') throw fail('cart_locked');
    if (this.screen.kind === 'done') this.nextSale();
    if (this.sale.tenders.length > 0) throw fail('cart_locked');
    this.screen = { kind: 'sale' };
  }

  private nextSale(): void {
    this.sale = emptySale(this.sale.number + 1);
    this.screen = { kind: 'sale' };
  }

  put(good: Good, quantity = 1000n): void {
    this.sale.removed = null;
    this.sale.put(good, quantity);
  }

  close(received: Tiyn | null): void {
    this.screen = { kind: 'done', done: closedSale(this.sale, received) };
  }

  async viewShow(): Promise<View> {
    return this.view();
  }

  async itemScan(code: string): Promise<View> {
    this.did('item_scan', code);
    if (/^29\d{11}$/.test(code)) throw fail('customer_card');
    const good = GOODS.find((one) => one.code === code);
    if (good === undefined) throw fail('unknown_code');
    this.openCart();
    this.put(good);
    return this.changed();
  }

  async itemAdd(itemId: number): Promise<View> {
    this.did('item_add', itemId);
    const good = GOODS.find((one) => one.id === itemId);
    if (good === undefined) throw fail('not_found');
    this.openCart();
    this.put(good);
    return this.changed();
  }

  async lineSetQuantity(lineId: number, quantity: string): Promise<View> {
    this.did('line_set_quantity', lineId, quantity);
    const value = parseThousandths(quantity);
    const line = this.sale.lines.find((one) => one.id === lineId);
    if (line === undefined) throw fail('not_found');
    if (value === null || (line.good.unit === 'pcs' && value % 1000n !== 0n)) throw fail('bad_quantity');
    line.set(value);
    return this.changed();
  }

  async lineRemove(lineId: number): Promise<View> {
    this.did('line_remove', lineId);
    if (!this.sale.remove(lineId)) throw fail('not_found');
    return this.changed();
  }

  async lineRestore(): Promise<View> {
    this.did('line_restore');
    if (!this.sale.restore()) throw fail('not_found');
    return this.changed();
  }

  async catalogueSearch(text: string): Promise<SearchHit[]> {
    const wanted = text.toLocaleLowerCase();
    return GOODS.filter((good) => good.name.toLocaleLowerCase().includes(wanted) || good.code.startsWith(wanted))
      .slice(0, 20)
      .map((good) => ({ itemId: good.id, name: good.name, lang: 'kk', code: good.code, price: tenge(good.price), unit: good.unit }));
  }

  async catalogueQuickKeys(): Promise<QuickPage[]> {
    return PAGES.map(({ name, from, to }) => ({
      name,
      keys: GOODS.slice(from, to).map((good) => ({ itemId: good.id, name: good.short, lang: 'kk', price: tenge(good.price) })),
    }));
  }

  async cashPreview(received: string): Promise<CashPreview> {
    const sum = parseTenge(received);
    if (sum === null || sum === 0n) throw fail('bad_amount');
    const over = sum - this.due();
    return { received: tenge(sum), change: over >= 0n ? tenge(over) : null, short: over < 0n ? tenge(-over) : null };
  }

  async paymentCash(commandId: string, received: string | null): Promise<View> {
    this.did('payment_cash', commandId, received);
    if (this.sale.lines.length === 0) throw fail('cart_empty');
    const due = this.due();
    const sum = received === null ? due : parseTenge(received);
    if (sum === null || sum === 0n) throw fail('bad_amount');
    const taken = sum < due ? sum : due;
    this.sale.tenders.push({ tender: 'cash', name: 'Cash', amount: taken });
    if (sum >= due) this.close(sum);
    else this.screen = { kind: 'sale' };
    return this.changed();
  }

  async cashReturn(): Promise<View> {
    this.did('cash_return');
    this.sale.tenders = this.sale.tenders.filter((tender) => tender.tender !== 'cash');
    return this.changed();
  }

  async paymentDevice(commandId: string, tender: TenderCode, amount: string | null): Promise<View> {
    this.did('payment_device', commandId, tender, amount);
    if (this.sale.lines.length === 0) throw fail('cart_empty');
    if (this.parked !== null) throw fail('device_busy');
    this.script = [...KASPI_SCRIPTS[this.kaspi]];
    this.settle(newAttempt(this.sale.ticket, tenge(this.due())));
    this.plan();
    return this.changed();
  }

  async attemptCheck(attemptId: string): Promise<View> {
    this.did('attempt_check', attemptId);
    return this.changed();
  }

  async attemptStopWaiting(attemptId: string): Promise<View> {
    this.did('attempt_stop_waiting', attemptId);
    if (this.screen.kind !== 'paying') throw fail('not_found');
    this.screen = { kind: 'paying', attempt: { ...this.screen.attempt, stopAsked: true } };
    return this.changed();
  }

  async attemptPark(attemptId: string): Promise<View> {
    this.did('attempt_park', attemptId);
    if (this.screen.kind !== 'doubt') throw fail('not_found');
    this.parked = { sale: this.sale, attempt: this.screen.attempt };
    this.nextSale();
    return this.changed();
  }

  async attemptOpen(attemptId: string): Promise<View> {
    this.did('attempt_open', attemptId);
    if (this.parked === null) throw fail('not_found');
    this.sale = this.parked.sale;
    this.screen = { kind: 'doubt', attempt: this.parked.attempt };
    this.parked = null;
    return this.changed();
  }

  async attemptResolve(resolution: Resolution): Promise<View> {
    this.did('attempt_resolve', resolution);
    if (this.screen.kind !== 'doubt') throw fail('not_found');
    if (resolution.evidence === 'refuse') throw fail('evidence_missing');
    this.settle({ ...this.screen.attempt, state: resolution.decision === 'approved' ? 'approved' : 'declined', reason: 'by_hand', asking: null });
    return this.changed();
  }

  async screenDismiss(): Promise<View> {
    this.did('screen_dismiss');
    if (this.screen.kind === 'done') this.nextSale();
    this.screen = { kind: 'sale' };
    return this.changed();
  }

  async receiptSavePdf(receiptNumber: string): Promise<string> {
    this.did('receipt_save_pdf', receiptNumber);
    return `Receipts/receipt-${receiptNumber}.pdf`;
  }

  async localeSet(locale: string): Promise<View> {
    this.did('locale_set', locale);
    this.locale = locale;
    return this.changed();
  }

  async onView(callback: (view: View) => void): Promise<() => void> {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }
}
