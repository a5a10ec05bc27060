/** The pay keys: when they listen, and what a press of one asks the till for. One press, one command. */
import type { PayKey, View } from '../backend/contract';
import { DEAF_MS } from './scanner';
import type { Till } from './till.svelte';

export class Payment {
  private answering = $state(false);
  private deaf = $state(false);
  private hearing: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly till: Till) {}

  /** A press of a pay key would be taken now. */
  get ready(): boolean {
    return this.till.view !== null && this.till.view.payReady && !this.answering && !this.deaf;
  }

  /** A scan has just come in: what runs on behind it pays nothing. */
  deafen(): void {
    this.deaf = true;
    clearTimeout(this.hearing);
    this.hearing = setTimeout(() => (this.deaf = false), DEAF_MS);
  }

  key(slot: string): PayKey | undefined {
    return this.till.view?.cart.payKeys.find((key) => key.slot === slot);
  }

  /** A pay key, by its slot: cash takes the typed sum or the exact one, a device takes what is due. */
  async press(slot: string): Promise<void> {
    const { till } = this;
    const key = this.key(slot);
    if (key === undefined || key.blocked !== null || !this.ready) return;
    const text = till.entry.text.trim();
    if (key.tender !== 'cash' || this.typedElsewhere) {
      // A sum left in the field might be meant as a part, and a discount is no cash; asking costs one key, guessing could cost money.
      if (text !== '') till.problem = { kind: 'typed', text };
      else await this.charge((id) => till.backend.paymentDevice(id, key.tender, null));
      return;
    }
    const received = text === '' ? null : till.entry.amount();
    if (text !== '' && received === null) till.problem = { kind: 'not_amount', text };
    else await this.charge((id) => till.backend.paymentCash(id, received));
  }

  /** What is typed is a quantity, a discount or a price, and not yet applied. */
  private get typedElsewhere(): boolean {
    const { text, mode } = this.till.entry;
    return text !== '' && mode !== 'search' && mode !== 'cash';
  }

  async takeNote(receivedText: string): Promise<void> {
    if (!this.ready) return;
    if (this.typedElsewhere) this.till.problem = { kind: 'typed', text: this.till.entry.text };
    else await this.charge((id) => this.till.backend.paymentCash(id, receivedText));
  }

  /** One press, one command id; the next press waits for the answer. */
  private async charge(call: (commandId: string) => Promise<View>): Promise<void> {
    this.answering = true;
    const id = crypto.randomUUID();
    try {
      if (await this.till.ask(() => call(id))) this.till.entry.open('search');
    } finally {
      this.answering = false;
    }
  }

  /** The amount pad, for a sale by touch alone. */
  async openPad(): Promise<void> {
    const { till } = this;
    if (till.view?.screen.kind === 'refused' && !(await till.dismiss())) return;
    till.problem = null;
    till.entry.open('cash');
  }

  /** The cash taken in part goes back to the customer. */
  returnCash(): Promise<boolean> {
    return this.till.ask(() => this.till.backend.cashReturn());
  }
}
