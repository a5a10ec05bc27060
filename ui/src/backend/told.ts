/** Puts whole views together out of the cart lines that changed. */
import type { CartLine, Told, View } from './contract';

export class Listener {
  private serial: number | null = null;
  private lines: CartLine[] = [];

  /** `ask` brings the whole view; needed when a telling was overtaken by a later one. */
  constructor(private readonly ask: () => Promise<Told>) {}

  async hear(told: Told): Promise<View> {
    const known = told.base === null || told.base === this.serial;
    const { view, serial, base, firstKept, lastKept } = known ? told : await this.ask();
    if (base === null) this.lines = view.cart.lines;
    else this.lines = [...this.lines.slice(0, firstKept), ...view.cart.lines, ...this.lines.slice(this.lines.length - lastKept)];
    this.serial = serial;
    return { ...view, cart: { ...view.cart, lines: this.lines } };
  }
}
