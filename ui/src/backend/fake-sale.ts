/** The make-believe till's sale and how it is shown. */
import type { Cart, Done, GivenDiscount, HeldSale, PayBlock, PriceReasonCode, ReceiptLine, TenderCode } from './contract';
import type { Good } from './fake-goods';
import { lineAmount, nextNotes, parseTenge, taxIncluded, tenge, thousandths, type Tiyn } from './fake-money';

/** A discount as it was given, and what it takes off a sum: whole tenge, at most all of it. */
export interface Given {
  text: string;
  off: (sum: Tiyn) => Tiyn;
  reason: PriceReasonCode | null;
}

/** "10%" or "50"; null when it is no discount. */
export function parseDiscount(text: string, reason: PriceReasonCode | null): Given | null {
  const percent = /^(\d{1,3})%$/.exec(text)?.[1];
  if (percent !== undefined) {
    const part = BigInt(percent);
    return part < 1n || part > 100n ? null : { text: `−${percent}%`, off: (sum) => lineAmount(sum, part * 10n), reason };
  }
  const amount = parseTenge(text);
  return amount === null || amount === 0n ? null : { text: `−${tenge(amount).figures}`, off: (sum) => (amount < sum ? amount : sum), reason };
}

const shown = (given: Given | null, sum: Tiyn): GivenDiscount | null =>
  given === null ? null : { given: given.text, amount: minus(given.off(sum)), reason: given.reason };
const minus = (amount: Tiyn): { figures: string; sign: string } => ({ ...tenge(amount), figures: `−${tenge(amount).figures}` });

export class Line {
  ownPrice: Tiyn | null = null;
  given: Given | null = null;

  constructor(
    readonly id: number,
    readonly good: Good,
    public quantity: bigint,
  ) {}

  get gross(): Tiyn {
    return lineAmount(this.ownPrice ?? this.good.price, this.quantity);
  }

  get amount(): Tiyn {
    return this.gross - (this.given?.off(this.gross) ?? 0n);
  }
}

export class Sale {
  readonly ticket: string;
  lines: Line[] = [];
  tenders: { tender: TenderCode; name: string; amount: Tiyn }[] = [];
  given: Given | null = null;
  removed: { line: Line; at: number } | null = null;
  private nextLine = 1;

  constructor(readonly number: number) {
    this.ticket = String(tenge(BigInt(number) * 100n).figures);
  }

  put(good: Good, quantity: bigint): void {
    const last = this.lines.at(-1);
    if (last?.good.id === good.id && good.unit === 'pcs') last.quantity += quantity;
    else this.lines.push(new Line(this.nextLine++, good, quantity));
  }

  remove(id: number): boolean {
    const at = this.lines.findIndex((line) => line.id === id);
    const [line] = at < 0 ? [] : this.lines.splice(at, 1);
    if (line === undefined) return false;
    this.removed = { line, at };
    return true;
  }

  restore(): boolean {
    if (this.removed === null) return false;
    this.lines.splice(this.removed.at, 0, this.removed.line);
    this.removed = null;
    return true;
  }
}

export const emptySale = (number: number): Sale => new Sale(number);

const subtotal = (sale: Sale): Tiyn => sale.lines.reduce((sum, line) => sum + line.amount, 0n);
export const total = (sale: Sale): Tiyn => subtotal(sale) - (sale.given?.off(subtotal(sale)) ?? 0n);
const paid = (sale: Sale): Tiyn => sale.tenders.reduce((sum, tender) => sum + tender.amount, 0n);

export function showCart(sale: Sale, state: { open: boolean; locked: boolean; kaspiBlocked: PayBlock | null }): Cart {
  const empty = sale.lines.length === 0;
  const due = total(sale) - paid(sale);
  const saved = sale.lines.reduce((sum, line) => sum + line.gross, 0n) - total(sale);
  const pieces = sale.lines.reduce((sum, line) => sum + (line.good.unit === 'pcs' ? line.quantity / 1000n : 1n), 0n);
  const blocked: PayBlock | null = empty ? 'empty_cart' : state.open ? 'device_busy' : due === 0n ? 'nothing_due' : null;
  return {
    ticket: sale.ticket,
    lines: sale.lines.map((line) => ({
      id: line.id,
      name: line.good.name,
      lang: 'kk',
      quantity: line.good.unit === 'kg' ? `${thousandths(line.quantity)} kg` : thousandths(line.quantity),
      unitPrice: tenge(line.ownPrice ?? line.good.price),
      amount: tenge(line.amount),
      usualPrice: line.ownPrice === null ? null : tenge(line.good.price),
      discount: shown(line.given, line.gross),
      detailed: line.quantity !== 1000n || line.good.unit === 'kg' || line.ownPrice !== null || line.given !== null,
    })),
    lineCount: sale.lines.length,
    itemCount: Number(pieces),
    total: tenge(total(sale)),
    due: tenge(due),
    saved: saved === 0n ? null : minus(saved),
    discount: shown(sale.given, subtotal(sale)),
    vatAdded: false,
    taxes: empty ? [] : [{ rate: '16%', amount: tenge(taxIncluded(total(sale))) }],
    tenders: sale.tenders.map((tender) => ({ ...tender, amount: tenge(tender.amount) })),
    notes: empty || blocked !== null ? [] : nextNotes(due).map((sum) => ({ receivedText: String(sum / 100n), received: tenge(sum), change: tenge(sum - due) })),
    payKeys: [
      { slot: 'F9', tender: 'kaspi', name: 'Kaspi', takes: null, blocked: blocked ?? state.kaspiBlocked },
      { slot: 'F10', tender: 'cash', name: 'Cash', takes: null, blocked },
    ],
    locked: state.locked,
    removed: sale.removed?.line.good.name ?? null,
    empty,
  };
}

export function heldSale(sale: Sale): HeldSale {
  const names = sale.lines.slice(0, 3).map((line) => line.good.name);
  return { id: String(sale.number), ticket: sale.ticket, time: '13:52', names: names.join(' · '), more: sale.lines.length - names.length, total: tenge(total(sale)) };
}

const WIDTH = 48;
const plain = (text: string): ReceiptLine => ({ spans: [{ text, bold: false }] });
const centred = (text: string): ReceiptLine => plain(' '.repeat(Math.max(0, Math.floor((WIDTH - text.length) / 2))) + text);
const pair = (left: string, right: string, bold = false): ReceiptLine => ({ spans: [{ text: left + ' '.repeat(Math.max(1, WIDTH - left.length - right.length)) + right, bold }] });

export function closedSale(sale: Sale, received: Tiyn | null): Done {
  const cash = sale.tenders.findLast((tender) => tender.tender === 'cash');
  const change = received === null || cash === undefined ? null : received - cash.amount;
  const rule = plain('-'.repeat(WIDTH));
  const receipt: ReceiptLine[] = [
    centred('«КӨКТЕМ» ДҮКЕНІ'),
    centred('ЖШС Көктем Трейд'),
    centred('БСН 120340005678'),
    rule,
    pair(`Чек ${sale.ticket}   Касса 2   Ауысым 418`, ''),
    pair('22.11.2026 14:05', 'Кассир Айгерім С.'),
    rule,
    ...sale.lines.flatMap((line) => [plain(line.good.name), pair(`  ${thousandths(line.quantity)} × ${tenge(line.good.price).figures}`, tenge(line.amount).figures)]),
    rule,
    pair('БАРЛЫҒЫ', `${tenge(total(sale)).figures} ₸`, true),
    pair('оның ішінде ҚҚС 16%', tenge(taxIncluded(total(sale))).figures),
    ...sale.tenders.map((tender) => pair(tender.tender === 'cash' ? 'Қолма-қол' : tender.name, tenge(tender.amount).figures)),
    ...(change === null || change === 0n ? [] : [pair('Қайтарым', tenge(change).figures)]),
    rule,
    centred('Фискалдық чек емес'),
    centred('НЕ ЯВЛЯЕТСЯ ФИСКАЛЬНЫМ ЧЕКОМ'),
    plain(''),
    centred('Рақмет! Спасибо за покупку!'),
  ];
  return {
    ticket: sale.ticket,
    receiptNumber: String(sale.number),
    closedAt: '14:05:41',
    total: tenge(total(sale)),
    received: received === null ? null : tenge(received),
    change: change === null ? null : tenge(change),
    tenders: sale.tenders.map((tender) => ({ ...tender, amount: tenge(tender.amount) })),
    receipt,
  };
}
