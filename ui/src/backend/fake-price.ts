/** Prices given by hand in the make-believe till. */
import { failure } from './backend';
import type { PriceChange, PricePreview, PriceReasonCode } from './contract';
import { parseTenge, tenge, type Tiyn } from './fake-money';
import { parseDiscount, total, type Line, type Sale } from './fake-sale';

const lineOf = (sale: Sale, change: PriceChange): Line | undefined =>
  change.kind === 'cart_discount' ? undefined : sale.lines.find((line) => line.id === change.lineId);

export function alter(sale: Sale, change: PriceChange, reason: PriceReasonCode | null): void {
  const line = lineOf(sale, change);
  if (change.kind !== 'cart_discount' && line === undefined) throw failure('not_found');
  if (change.kind === 'line') {
    const price = change.price === null ? null : parseTenge(change.price);
    if (change.price !== null && price === null) throw failure('bad_amount');
    line!.ownPrice = price;
    return;
  }
  const given = change.discount === null ? null : parseDiscount(change.discount, reason);
  if (change.discount !== null && given === null) throw failure('bad_discount');
  (line ?? sale).given = given;
}

/** How many whole percent a change takes off what it is given on. */
export function percentOff(sale: Sale, change: PriceChange): bigint {
  const line = lineOf(sale, change);
  const was = { cart: sale.given, line: line?.given ?? null, price: line?.ownPrice ?? null };
  sale.given = change.kind === 'cart_discount' ? null : sale.given;
  if (line !== undefined) [line.given, line.ownPrice] = [null, null];
  const cost = (): Tiyn => line?.amount ?? total(sale);
  const usual = cost();
  try {
    alter(sale, change, null);
    return ((usual - cost()) * 100n) / usual;
  } finally {
    sale.given = was.cart;
    if (line !== undefined) [line.given, line.ownPrice] = [was.line, was.price];
  }
}

/** Changes, looks, and puts everything back. */
export function previewOf(sale: Sale, change: PriceChange): PricePreview {
  const line = lineOf(sale, change);
  const cost = (): Tiyn => line?.amount ?? total(sale);
  const was = { cart: sale.given, line: line?.given ?? null, price: line?.ownPrice ?? null };
  const before = cost();
  alter(sale, change, null);
  const after = cost();
  sale.given = was.cart;
  if (line !== undefined) [line.given, line.ownPrice] = [was.line, was.price];
  return { before: tenge(before), after: tenge(after) };
}
