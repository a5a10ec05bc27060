/**
 * A till in memory, for component tests and for looking at the screen in a browser. It behaves like the real one
 * as far as the screen can tell; the Kaspi terminal in it follows a script that is stepped by a timer or by hand.
 */
import { failure, type Backend, type Resolution } from './backend';
import type { Attempt, CashPreview, Failure, FailureCode, PriceChange, PricePreview, PriceReasonCode, QuickPage, Screen, SearchHit, TenderCode, View } from './contract';
import { GOODS, quickPages, searched, type Good } from './fake-goods';
import { parseTenge, parseThousandths, tenge, type Tiyn } from './fake-money';
import { KASPI_SCRIPTS, newAttempt, type KaspiScript } from './fake-kaspi';
import { FakeShop } from './fake-shop';
import { alter, percentOff, previewOf } from './fake-price';
import { closedSale, emptySale, total, type Sale } from './fake-sale';
import { showView } from './fake-view';

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
  /** Sales put aside. */
  held: Sale[] = [];
  linkDown = false;
  unwritten = false;
  damaged = false;
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
    return showView(this, this.revision);
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
    const { paceMs: pace = null } = this.options;
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
    return showView(this, ++this.revision);
  }

  protected percentOff = (change: PriceChange): bigint => percentOff(this.sale, change);
  private paid = (): Tiyn => this.sale.tenders.reduce((sum, tender) => sum + tender.amount, 0n);
  due = (): Tiyn => total(this.sale) - this.paid();

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

  async itemSellByPrice(price: string, code: string | null): Promise<View> {
    this.did('item_sell_by_price', price, code);
    this.openCart();
    this.put({ id: 0, code: code ?? '', name: 'Goods by price', short: '', price: parseTenge(price) ?? 0n, unit: 'pcs' });
    return this.changed();
  }

  async lineSetQuantity(lineId: number, quantity: string): Promise<View> {
    this.did('line_set_quantity', lineId, quantity);
    const value = parseThousandths(quantity);
    const line = this.sale.lines.find((one) => one.id === lineId);
    if (line === undefined) throw fail('not_found');
    if (value === null || (line.good.unit === 'pcs' && value % 1000n !== 0n)) throw fail('bad_quantity');
    line.quantity = value;
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

  async priceChange(change: PriceChange, reason: PriceReasonCode | null): Promise<View> {
    this.did('price_change', change, reason);
    alter(this.sale, change, reason);
    return this.changed();
  }

  async pricePreview(change: PriceChange): Promise<PricePreview> {
    return previewOf(this.sale, change);
  }

  async saleHold(): Promise<View> {
    this.did('sale_hold');
    this.openCart();
    this.held.push(this.sale);
    this.nextSale();
    return this.changed();
  }

  async saleRecall(saleId: string): Promise<View> {
    this.did('sale_recall', saleId);
    const sale = this.held.find((one) => String(one.number) === saleId);
    if (sale === undefined) throw fail('not_found');
    this.openCart();
    this.held = [...this.held.filter((one) => one !== sale), ...(this.sale.lines.length > 0 ? [this.sale] : [])];
    this.sale = sale;
    return this.changed();
  }

  async saleDiscard(saleId: string): Promise<View> {
    this.did('sale_discard', saleId);
    this.held = this.held.filter((one) => String(one.number) !== saleId);
    return this.changed();
  }

  async catalogueSearch(text: string): Promise<SearchHit[]> {
    return searched(text);
  }

  async catalogueQuickKeys(): Promise<QuickPage[]> {
    return quickPages();
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
    this.screen = { kind: 'sale' };
    if (sum >= due) this.close(sum);
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
    if (this.screen.kind !== 'doubt' && this.screen.kind !== 'paying') throw fail('not_found');
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
