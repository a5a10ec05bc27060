/** Brings what has just appeared into view where the page scrolls (at double zoom); elsewhere it is in view already. */
export function intoSight(node: HTMLElement): void {
  node.scrollIntoView?.({ block: 'nearest' });
}
