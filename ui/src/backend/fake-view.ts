/** What the make-believe till shows at one moment. */
import type { Light, View } from './contract';
import { heldSale, showCart } from './fake-sale';
import type { FakeTill } from './fake-till';

export function showView(till: FakeTill, revision: number): View {
  const { screen, sale, parked } = till;
  const attempt = 'attempt' in screen ? screen.attempt : null;
  const working = screen.kind === 'paying' || screen.kind === 'doubt';
  const doubtful = screen.kind === 'doubt' ? attempt : (parked?.attempt ?? null);
  const cart = showCart(sale, { open: working, locked: working || sale.tenders.length > 0, kaspiBlocked: parked === null ? null : 'in_doubt' });
  return {
    revision,
    locale: till.locale,
    payReady: cart.payKeys.some((key) => key.blocked === null),
    header: { shop: till.settings.name, till: till.settings.till, training: till.training, lights: [light(till, doubtful !== null, working)] },
    session: till.session,
    tasks:
      doubtful === null
        ? []
        : [{ kind: 'doubt', attemptId: doubtful.id, tender: doubtful.tender, tenderName: doubtful.tenderName, amount: doubtful.amount, time: doubtful.changedAt.slice(0, 5), saleTicket: parked?.sale.ticket ?? sale.ticket }],
    held: till.held.map(heldSale),
    cart,
    screen,
    import: till.import,
    catalogue: till.catalogue,
  };
}

function light(till: FakeTill, inDoubt: boolean, working: boolean): Light {
  const kaspi = { device: 'kaspi', name: 'Kaspi' } as const;
  if (inDoubt) return { ...kaspi, state: 'attention', reason: 'in_doubt' };
  if (till.linkDown) return { ...kaspi, state: 'down', reason: 'no_link' };
  return { ...kaspi, state: working ? 'busy' : 'ready', reason: null };
}
