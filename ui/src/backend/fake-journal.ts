/** The make-believe till's journal: a fact of each kind, and many sales behind them. */
import type { FactCode, FactPart, JournalPage, JournalRow, JournalState, JournalTopic } from './contract';

const text = (name: Extract<FactPart, { kind: 'text' }>['name'], value: string): FactPart => ({ kind: 'text', name, value });

/** Newest first: which fact, on what it belongs to, and what it says. */
const TOLD: [FactCode, JournalTopic, FactPart[]][] = [
  ['sale_closed', 'sales', [text('receipt', '1\u00a0042'), text('amount', '4\u00a0870\u00a0₸'), text('discount', '89\u00a0₸')]],
  ['payment_approved', 'payments', [text('amount', '4\u00a0870\u00a0₸'), text('reference', '504711333')]],
  ['payment_accepted', 'payments', [text('amount', '4\u00a0870\u00a0₸')]],
  ['payment_intended', 'payments', [text('amount', '4\u00a0870\u00a0₸')]],
  ['payment_not_started', 'payments', [text('amount', '285\u00a0₸'), text('message', 'busy')]],
  ['payment_doubt', 'payments', [text('amount', '285\u00a0₸')]],
  ['payment_declined', 'payments', [text('amount', '285\u00a0₸')]],
  ['payment_cancelled', 'payments', [text('amount', '285\u00a0₸')]],
  ['payment_resolved', 'corrections', [text('amount', '285\u00a0₸'), { kind: 'decision', decision: 'declined' }, text('by', 'Гүлнар'), text('reason', 'Wi-Fi'), text('evidence', 'слип')]],
  ['wrong_amount', 'corrections', [text('amount', '285\u00a0₸'), text('answered', '100\u00a0₸')]],
  ['return_one_of_them', 'corrections', [text('amount', '285\u00a0₸')]],
  ['decision_contradicted', 'corrections', [text('amount', '285\u00a0₸')]],
  ['sale_voided', 'corrections', [text('ticket', '1\u00a0040'), text('amount', '7\u00a0640\u00a0₸'), text('returned', '1\u00a0000\u00a0₸')]],
  ['line_removed', 'corrections', [text('ticket', '1\u00a0042'), text('good', 'Пакет-майка'), text('quantity', '1'), text('amount', '25\u00a0₸')]],
  ['line_restored', 'corrections', [text('ticket', '1\u00a0042'), text('good', 'Пакет-майка'), text('quantity', '1')]],
  ['cash_taken', 'sales', [text('ticket', '1\u00a0041'), text('amount', '1\u00a0000\u00a0₸')]],
  ['cash_returned', 'corrections', [text('ticket', '1\u00a0041'), text('amount', '1\u00a0000\u00a0₸')]],
  ['lift_given', 'corrections', [{ kind: 'right', right: 'discount' }, text('off', '25\u00a0%'), text('amount', '223\u00a0₸'), text('by', 'Гүлнар'), text('reason', 'damaged')]],
  ['lifted', 'corrections', [{ kind: 'right', right: 'discount' }, text('off', '25\u00a0%'), text('by', 'Гүлнар')]],
  ['signed_in', 'people', [{ kind: 'signed_by', by: 'pin' }, text('tries', '2')]],
  ['signed_out', 'people', [{ kind: 'left_why', why: 'idle' }]],
  ['wrong_tries', 'people', [text('name', 'Нұрлан'), text('tries', '5')]],
  ['pin_key_replaced', 'people', [text('reason', 'new disk')]],
  ['person_added', 'people', [text('name', 'Нұрлан'), { kind: 'role', role: 'cashier' }]],
  ['person_changed', 'people', [text('name', 'Нұрлан'), text('name_before', 'Нурлан'), { kind: 'role', role: 'senior' }, { kind: 'role_before', role: 'cashier' }]],
  ['person_removed', 'people', [text('name', 'Сергей'), { kind: 'role', role: 'cashier' }]],
  ['pin_changed', 'people', [text('name', 'Нұрлан')]],
  ['badge_changed', 'people', [text('name', 'Нұрлан'), { kind: 'badge', given: true }]],
  ['setting_changed', 'shop', [text('setting', 'shop')]],
  ['goods_imported', 'shop', [text('added', '1\u00a0204'), text('updated', '318')]],
  ['goods_import_undone', 'shop', []],
  ['terminal_tested', 'shop', [text('serial', '00043010171')]],
  ['terminal_forgotten', 'shop', []],
  ['other', 'shop', [text('kind', 'drawer_opened')]],
];
const A_PAGE = 20;

export class FakeJournal {
  /** Empty it, or let it fail, to see what the page says. */
  told = TOLD;
  state: JournalState = { whole: '31', until: '22.11.2026 14:05:41', brokenAt: null };

  show(personId: string | null, topic: JournalTopic | null, day: string | null, before: number | null, people: { id: string; name: string }[]): JournalPage {
    const rows: JournalRow[] = this.told.map(([code, , parts], at) => ({
      seq: this.told.length - at,
      day: '22.11.2026',
      time: '14:05:41',
      code,
      actor: code === 'payment_approved' ? { kind: 'terminal' } : code === 'wrong_tries' ? { kind: 'till' } : { kind: 'person', name: 'Айгерім' },
      parts,
    }));
    const fits = rows.filter((row, at) => {
      const ofWhom = personId === null || (row.actor.kind === 'person' && people.some((one) => one.id === personId && one.name.startsWith('Айгерім')));
      return ofWhom && (topic === null || this.told[at]?.[1] === topic) && (day === null || day === '2026-11-22') && (before === null || row.seq < before);
    });
    const page = fits.slice(0, A_PAGE);
    return {
      rows: page,
      older: fits.length > A_PAGE ? (page.at(-1)?.seq ?? null) : null,
      days: [{ value: '2026-11-22', shown: '22.11.2026' }, { value: '2026-11-21', shown: '21.11.2026' }],
      people: [...people.map(({ id, name }) => ({ id, name, removed: false })), { id: 'gone', name: 'Сергей', removed: true }],
    };
  }
}
