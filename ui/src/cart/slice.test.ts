import { expect, test } from 'vitest';
import { slice, WHOLE } from './slice';

const heights = (count: number): number[] => Array.from({ length: count }, (_, at) => (at % 2 === 0 ? 47 : 67));

test('a short cart is drawn whole', () => {
  expect(slice(heights(WHOLE), 0, 400)).toMatchObject({ from: 0, to: WHOLE, before: 0, after: 0, above: 0 });
});

test.each([0, 1, 5_000, 28_000, 56_600])('a thousand lines cost no more than fifty, seen from pixel %i', (top) => {
  const all = heights(1000);
  const { from, to, before, after, above } = slice(all, top, 400);
  expect(to - from).toBeLessThanOrEqual(50);
  const drawn = all.slice(from, to).reduce((sum, height) => sum + height, 0);
  expect(before + drawn + after).toBe(57_000);
  // Everything in view is drawn.
  expect(before).toBeLessThanOrEqual(top);
  expect(before + drawn).toBeGreaterThanOrEqual(Math.min(top + 400, 57_000));
  expect(from).toBeLessThanOrEqual(above);
});
