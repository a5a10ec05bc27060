/** What the make-believe till shows at one moment. */
import type { Light, View } from './contract';
import { emptySale, heldSale, showCart } from './fake-sale';
import type { FakeTill } from './fake-till';

export function showView(till: FakeTill, revision: number): View {
  if (till.session === null) return signedOut(till, revision);
  const { screen, sale, parked } = till;
  const attempt = 'attempt' in screen ? screen.attempt : null;
  const working = screen.kind === 'paying' || screen.kind === 'doubt';
  const doubtful = screen.kind === 'doubt' ? attempt : (parked?.attempt ?? null);
  const open = working ? attempt : (parked?.attempt ?? null);
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
        : [{ kind: 'doubt', attemptId: doubtful.id, tender: doubtful.tender, tenderName: doubtful.tenderName, amount: doubtful.amount, time: doubtful.changedAt.slice(0, 5), saleId: String((parked?.sale ?? sale).number), saleTicket: parked?.sale.ticket ?? sale.ticket, cashTaken: null }],
    openPayments: open === null ? [] : [{ attemptId: open.id, tenderName: open.tenderName, amount: open.amount, time: '14:05', ageMs: 720_000 }],
    openCount: open === null ? 0 : 1,
    unwritten: till.unwritten,
    damaged: till.damaged,
    held: till.held.map(heldSale),
    cart,
    screen,
    import: till.import,
    catalogue: till.catalogue,
  };
}

/** Before anyone is signed in, nothing of a sale is told. */
function signedOut(till: FakeTill, revision: number): View {
  const nobody = till.people.length === 0;
  return {
    revision,
    locale: till.locale,
    payReady: false,
    header: { shop: till.settings.name, till: till.settings.till, training: till.training, lights: [light(till, false, false)] },
    session: null,
    tasks: [],
    openPayments: [],
    openCount: till.parked === null ? 0 : 1,
    unwritten: till.unwritten,
    damaged: till.damaged,
    held: [],
    cart: showCart(emptySale(0), { open: false, locked: false, kaspiBlocked: null }),
    screen: nobody ? { kind: 'first_owner' } : { kind: 'sign_in', people: till.people.map(({ id, name, role }) => ({ id, name, role })), last: till.last },
    import: null,
    catalogue: till.catalogue,
  };
}

function light(till: FakeTill, inDoubt: boolean, working: boolean): Light {
  const kaspi = { device: 'kaspi', name: 'Kaspi' } as const;
  if (inDoubt) return { ...kaspi, state: 'attention', reason: 'in_doubt' };
  if (till.linkDown) return { ...kaspi, state: 'down', reason: 'no_link' };
  return { ...kaspi, state: working ? 'busy' : 'ready', reason: null };
}
