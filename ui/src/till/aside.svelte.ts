/** Sales put aside: the list of them, and what a key does there. */
import type { HeldSale } from '../backend/contract';
import { t } from '../words';
import type { Till } from './till.svelte';

export class Aside {
  open = $state(false);
  /** The place of the chosen sale in the list. */
  at = $state(0);
  /** The sale whose deletion waits for a second press. */
  sure = $state<string | null>(null);

  constructor(private readonly till: Till) {}

  get held(): HeldSale[] {
    return this.till.view?.held ?? [];
  }

  get chosen(): HeldSale | undefined {
    return this.held[Math.min(this.at, this.held.length - 1)];
  }

  toggle(): void {
    this.open = !this.open;
    this.at = 0;
    this.sure = null;
    this.till.problem = null;
    this.till.entry.open('search');
  }

  close(): void {
    this.open = false;
    this.sure = null;
  }

  move(by: 1 | -1): void {
    this.sure = null;
    this.at = Math.min(Math.max(this.at + by, 0), Math.max(this.held.length - 1, 0));
  }

  async hold(): Promise<void> {
    const cart = this.till.view?.cart;
    if (cart === undefined || cart.empty) return;
    this.till.entry.open('search');
    if (await this.till.ask(() => this.till.backend.saleHold())) this.till.status = t('aside_done', { ticket: cart.ticket });
  }

  async recall(sale = this.chosen): Promise<void> {
    if (sale !== undefined && (await this.till.ask(() => this.till.backend.saleRecall(sale.id)))) this.close();
  }

  /** The first press asks, the second deletes. */
  async discard(sale: { id: string } | undefined = this.chosen): Promise<void> {
    if (sale === undefined || !this.till.may('void')) return;
    if (this.sure !== sale.id) {
      this.sure = sale.id;
      return;
    }
    this.sure = null;
    await this.till.ask(() => this.till.backend.saleDiscard(sale.id));
  }

  /** Esc: first the question, then the list. */
  back(): void {
    if (this.sure === null) this.close();
    else this.sure = null;
  }
}
