/** Which lines of a long cart are drawn: those in view and some around them, so that a thousand lines cost no more than fifty. */
export interface Slice {
  from: number;
  to: number;
  /** Pixels that the lines before and after take. */
  before: number;
  after: number;
  /** Lines wholly above the view. */
  above: number;
}

/** Carts up to this many lines are drawn whole. */
export const WHOLE = 60;
const AROUND = 12;

export function slice(heights: readonly number[], scrollTop: number, viewport: number): Slice {
  let above = 0;
  let top = 0;
  while (above < heights.length && top + (heights[above] ?? 0) <= scrollTop + 1) top += heights[above++] ?? 0;
  if (heights.length <= WHOLE) return { from: 0, to: heights.length, before: 0, after: 0, above };
  let last = above;
  for (let bottom = top; last < heights.length && bottom < scrollTop + viewport; last += 1) bottom += heights[last] ?? 0;
  const from = Math.max(0, above - AROUND);
  const to = Math.min(heights.length, last + AROUND);
  return { from, to, before: sum(heights, 0, from), after: sum(heights, to, heights.length), above };
}

export function sum(heights: readonly number[], from: number, to: number): number {
  let pixels = 0;
  for (let at = from; at < to; at += 1) pixels += heights[at] ?? 0;
  return pixels;
}
