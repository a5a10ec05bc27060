import { expect, test } from 'vitest';
import type { CartLine, Told } from './contract';
import { FakeTill } from './fake-till';
import { Listener } from './told';

const view = new FakeTill().view();
const line = (id: number, quantity = '1'): CartLine => ({ id, quantity }) as CartLine;
const told = (serial: number, base: number | null, lines: CartLine[], firstKept = 0, lastKept = 0): Told => ({
  view: { ...view, cart: { ...view.cart, lines } }, serial, base, firstKept, lastKept,
});

test('lines are added, changed, taken out and put back', async () => {
  const listener = new Listener(() => Promise.reject(new Error('nothing was missed')));
  const ids = async (news: Told): Promise<string[]> => (await listener.hear(news)).cart.lines.map((one) => `${one.id}×${one.quantity}`);
  expect(await ids(told(1, null, [line(1), line(2)]))).toEqual(['1×1', '2×1']);
  expect(await ids(told(2, 1, [line(3)], 2, 0))).toEqual(['1×1', '2×1', '3×1']);
  expect(await ids(told(3, 2, [line(2, '5')], 1, 1))).toEqual(['1×1', '2×5', '3×1']);
  expect(await ids(told(4, 3, [], 1, 1))).toEqual(['1×1', '3×1']);
  expect(await ids(told(5, 4, [], 2, 0))).toEqual(['1×1', '3×1']);
  expect(await ids(told(6, 5, [], 0, 0))).toEqual([]);
});

test('a telling that was overtaken is made good by the whole', async () => {
  const listener = new Listener(() => Promise.resolve(told(4, null, [line(1), line(2), line(3)])));
  await listener.hear(told(1, null, [line(1)]));
  expect((await listener.hear(told(3, 2, [line(3)], 2, 0))).cart.lines).toHaveLength(3);
});
