/** The one field that owns typing: its text, what the text finds, and what it would do as cash. */
import type { Backend } from '../backend/backend';
import type { CashPreview, SearchHit } from '../backend/contract';
import { isAmount, onlyFigures } from './amount';
import { FASTEST_HAND_MS } from './scanner';

/** What is edited of a line, or of the whole cart. */
export type EditMode = 'quantity' | 'discount' | 'price' | 'cart_discount';
/** The same typed text is a search on the sale, a sum in the cash pad, a number in the editor. */
export type EntryMode = 'search' | 'cash' | 'by_price' | EditMode;

/** A scanner's keys come closer together than this, so that half a code is never looked for. */
const PAUSE_MS = FASTEST_HAND_MS + 5;

export class Entry {
  text = $state('');
  mode = $state<EntryMode>('search');
  hits = $state.raw<SearchHit[]>([]);
  /** The text that `hits` and `preview` answer; while it differs from `text`, an answer is on its way. */
  answered = $state('');
  chosen = $state(0);
  preview = $state.raw<CashPreview | null>(null);
  /** The cashier chose a result with the arrows, so Enter means that result. */
  pointed = false;

  /** The text as a US keyboard would have given it; null once it can no longer be followed. */
  private decoded: string | null = '';
  private lastStroke: string | null = null;
  private looking: Promise<void> | null = null;
  private pause: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly backend: Backend) {}

  /** A line or the whole cart is being edited. */
  get editing(): boolean {
    return this.mode !== 'search' && this.mode !== 'cash' && this.mode !== 'by_price';
  }

  /** A printable key is about to reach the field. */
  stroke(character: string | null): void {
    this.lastStroke = character;
  }

  /** The field's text after an edit. */
  input(text: string): void {
    const added = text.length === this.text.length + 1 && text.startsWith(this.text);
    const taken = text.length === this.text.length - 1 && this.text.startsWith(text);
    if (text === '') this.decoded = '';
    else if (added && this.decoded !== null && this.lastStroke !== null) this.decoded += this.lastStroke;
    else if (taken && this.decoded !== null) this.decoded = this.decoded.slice(0, -1);
    else this.decoded = null;
    this.lastStroke = null;
    this.change(this.mode === 'search' ? text : onlyFigures(text));
  }

  /** One key of a number pad, on the screen or on the keyboard. */
  press(characters: string): void {
    this.decoded = null;
    this.change(onlyFigures(this.text + characters));
    this.lookNow();
  }

  erase(): void {
    this.decoded = null;
    this.change(this.text.slice(0, -1));
    this.lookNow();
  }

  clear(): void {
    this.decoded = '';
    this.change('');
  }

  open(mode: EntryMode): void {
    this.mode = mode;
    this.clear();
  }

  /** The typed sum, or null. On layouts with letters on the digit row the keys decide. */
  amount(): string | null {
    const text = this.text.trim();
    if (isAmount(text)) return text;
    return this.decoded !== null && isAmount(this.decoded) ? this.decoded : null;
  }

  /** The typed number of pieces or weight, or null. */
  quantity(): string | null {
    const number = /^\d{1,6}(?:[.,]\d{1,3})?$/;
    const text = this.text.trim();
    if (number.test(text)) return text;
    return this.decoded !== null && number.test(this.decoded) ? this.decoded : null;
  }

  /** What is looked for. Prices and codes go by the keys: on the Kazakh layout the digit row writes letters. */
  private wanted(): string {
    const spelled = this.spelled();
    return spelled !== null && /^(=\d+([.,]\d{0,2})?|\d{4,})$/.test(spelled) ? spelled : this.text.trim();
  }

  /** The code the keys spell, where it differs from the text. */
  spelled(): string | null {
    return this.decoded !== null && this.decoded !== '' && this.decoded !== this.text ? this.decoded : null;
  }

  move(by: 1 | -1): void {
    const last = this.hits.length - 1;
    this.chosen = Math.min(Math.max(this.chosen + by, 0), Math.max(last, 0));
    this.pointed = last >= 0;
  }

  /** Resolves when the answer fits the text. */
  async settled(): Promise<void> {
    this.lookNow();
    while (this.looking !== null) await this.looking;
  }

  /** The cart changed under the typed sum. */
  refresh(): void {
    this.answered = '';
    this.look();
  }

  private change(text: string): void {
    this.text = text;
    this.chosen = 0;
    this.pointed = false;
    this.stopPause();
    if (text.trim() === '') {
      this.hits = [];
      this.preview = null;
      this.answered = '';
      return;
    }
    this.pause = setTimeout(() => {
      this.pause = undefined;
      this.look();
    }, PAUSE_MS);
  }

  /** Where the pause has no sense: the text is final, or came from the pad. */
  private lookNow(): void {
    if (this.pause === undefined) return;
    this.stopPause();
    this.look();
  }

  private stopPause(): void {
    clearTimeout(this.pause);
    this.pause = undefined;
  }

  /** One question at a time, the newest text next: late answers are dropped and a fast burst asks little. */
  private look(): void {
    if (this.looking !== null || this.text.trim() === '') return;
    const text = this.text;
    this.looking = this.ask(text).finally(() => {
      this.looking = null;
      if (this.pause === undefined && this.text !== text && this.text.trim() !== '') this.look();
    });
  }

  private async ask(text: string): Promise<void> {
    const amount = this.mode === 'search' || this.mode === 'cash' ? this.amount() : null;
    const [hits, preview] = await Promise.all([
      this.mode === 'search' ? this.backend.catalogueSearch(this.wanted()).catch(() => []) : [],
      amount === null ? null : this.backend.cashPreview(amount).catch(() => null),
    ]);
    if (this.text !== text) return;
    this.hits = hits;
    this.preview = preview;
    this.answered = text;
  }
}
