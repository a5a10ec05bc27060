/** What a cashier changes about a line, or about the whole cart: quantity, price, discount with its reason. */
import { failure } from '../backend/backend';
import type { CartLine, PriceChange, PriceReasonCode, RightCode } from '../backend/contract';
import type { EditMode } from './entry.svelte';
import type { Till } from './till.svelte';

/** The reasons offered for a line, and for the whole cart. */
export const LINE_REASONS: PriceReasonCode[] = ['damaged', 'best_before', 'shelf_price'];
export const CART_REASONS: PriceReasonCode[] = ['regular_customer', 'goodwill'];

/** By which right a change is made. */
export const RIGHT: Record<Exclude<EditMode, 'quantity'>, RightCode> = { discount: 'discount', price: 'price_change', cart_discount: 'discount' };

export class Edit {
  /** What was scanned of the good that is sold by a typed price. */
  priced = $state<string | null>(null);
  /** A discount is typed as an amount, not as a percent. */
  asAmount = $state(false);
  reason = $state<PriceReasonCode | null>(null);

  constructor(private readonly till: Till) {}

  /** The chosen line, else the last. */
  get line(): CartLine | undefined {
    const lines = this.till.view?.cart.lines ?? [];
    return lines.find((line) => line.id === this.till.selected) ?? lines.at(-1);
  }

  get reasons(): PriceReasonCode[] {
    return this.till.entry.mode === 'cart_discount' ? CART_REASONS : LINE_REASONS;
  }

  /** Who is signed in may change it, alone or with another's word. */
  offers(mode: EditMode): boolean {
    return mode === 'quantity' || this.till.may(RIGHT[mode]);
  }

  /** What was typed before counts: `10 F4` is ten percent. */
  open(mode: EditMode): void {
    const { entry, view } = this.till;
    if (view === null || view.cart.empty || view.cart.locked || !this.offers(mode)) return;
    const typed = entry.mode === 'search' ? (entry.quantity() ?? '') : '';
    this.till.problem = null;
    this.asAmount = false;
    this.reason = null;
    entry.open(mode);
    if (typed !== '') entry.press(typed);
  }

  /** A touch on a line opens its editor; a second touch closes it. */
  touch(line: number): void {
    const { entry } = this.till;
    const again = this.till.selected === line && entry.editing;
    this.till.selected = again ? null : line;
    if (again) entry.open('search');
    else if (!entry.editing || entry.mode === 'cart_discount') this.open('quantity');
    else this.open(entry.mode as EditMode);
  }

  /** `3 F3` sets three at once; with an empty field the editor asks. */
  async quantity(): Promise<void> {
    if (this.till.entry.mode === 'search' && this.till.entry.text.trim() !== '') await this.setQuantity();
    else this.open('quantity');
  }

  /** F4 again goes from the discount to the price and back. */
  price(): void {
    const other = this.till.entry.mode === 'discount' ? 'price' : 'discount';
    this.open(this.offers(other) ? other : other === 'price' ? 'discount' : 'price');
  }

  nextReason(by: 1 | -1): void {
    const { reasons } = this;
    const at = this.reason === null ? (by > 0 ? -1 : 0) : reasons.indexOf(this.reason);
    if (this.till.entry.mode !== 'quantity') this.reason = reasons.at((at + by) % reasons.length) ?? null;
  }

  /** What the typed text would change; null while nothing is typed. */
  get change(): PriceChange | null {
    const { entry } = this.till;
    const text = entry.text.trim();
    if (text === '') return null;
    const discount = this.asAmount ? text : `${text}%`;
    if (entry.mode === 'cart_discount') return { kind: 'cart_discount', discount };
    const line = this.line;
    if (line === undefined) return null;
    if (entry.mode === 'price') return { kind: 'line', lineId: line.id, price: text };
    return entry.mode === 'discount' ? { kind: 'line_discount', lineId: line.id, discount } : null;
  }

  /** Enter: the typed quantity, or the typed price with its reason. */
  async apply(): Promise<void> {
    if (this.till.entry.mode === 'quantity') return this.setQuantity();
    const { change, reason } = this;
    if (change === null) return;
    if (reason === null) this.till.problem = { kind: 'reason' };
    else await this.done(this.till.ask(() => this.till.backend.priceChange(change, reason)));
  }

  /** No discount, and the usual price again. */
  async takeAway(): Promise<void> {
    const { mode } = this.till.entry;
    const line = this.line;
    if (line === undefined) return;
    const change: PriceChange =
      mode === 'cart_discount'
        ? { kind: 'cart_discount', discount: null }
        : mode === 'price'
          ? { kind: 'line', lineId: line.id, price: null }
          : { kind: 'line_discount', lineId: line.id, discount: null };
    await this.done(this.till.ask(() => this.till.backend.priceChange(change, null)));
  }

  /** Sells by the typed price; with an empty field the pad asks for it. */
  async sellTyped(): Promise<void> {
    const { entry } = this.till;
    const { problem } = this.till;
    if (entry.text.trim() === '') return this.openByPrice(problem?.kind === 'unknown' ? problem.code : null);
    const price = entry.amount();
    const code = entry.mode === 'by_price' ? this.priced : null;
    if (price === null) this.till.problem = { kind: 'not_amount', text: entry.text.trim() };
    else await this.done(this.till.ask(() => this.till.backend.itemSellByPrice(price, code)));
  }

  openByPrice(code: string | null): void {
    if (this.till.view?.cart.locked === true) return;
    this.till.problem = null;
    this.priced = code;
    this.till.entry.open('by_price');
  }

  private async setQuantity(): Promise<void> {
    const line = this.line;
    const quantity = this.till.entry.quantity();
    if (line === undefined || this.till.view?.cart.locked === true) return;
    if (quantity === null) {
      if (this.till.entry.text !== '') this.till.problem = { kind: 'failure', failure: failure('bad_quantity') };
      return;
    }
    await this.done(this.till.ask(() => this.till.backend.lineSetQuantity(line.id, quantity)));
  }

  private async done(asked: Promise<boolean>): Promise<void> {
    if (await asked) this.till.entry.open('search');
  }
}
