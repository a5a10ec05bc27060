/** The page of the journal on a make-believe till: what it asks for, and what it says of the answers. */
import { afterEach, expect, test } from 'vitest';
import { all, arranged, close, fake, find, keys, settle, show, text, touch } from '../test-window';
import { failure } from './backend/backend';

afterEach(close);

async function open(): Promise<void> {
  await show(arranged('empty'));
  await touch('settings-open');
  await touch('page-journal');
}

const asked = (): unknown[][] => fake.calls.filter((call) => call.command === 'journal_show').map((call) => call.args);
const codes = (): (string | undefined)[] => all('journal-row').map((row) => row.dataset['code']);

async function choose(name: string, value: string): Promise<void> {
  const select = find(name) as HTMLSelectElement;
  select.value = value;
  select.dispatchEvent(new Event('change', { bubbles: true }));
  await settle();
}

test('the newest facts come first, and older ones by pages', async () => {
  await open();
  expect(asked()).toEqual([[null, null, null, null]]);
  expect([codes().length, codes()[0]]).toEqual([20, 'sale_closed']);
  expect((find('journal-newer') as HTMLButtonElement).disabled).toBe(true);
  await touch('journal-older');
  expect(asked().at(-1)).toEqual([null, null, null, 15]);
  expect([codes().length, (find('journal-older') as HTMLButtonElement).disabled]).toEqual([14, true]);
  await touch('journal-newer');
  expect([asked().at(-1), codes()[0]]).toEqual([[null, null, null, null], 'sale_closed']);
});

test('a person, a topic and a day are asked for together, from the newest on', async () => {
  await open();
  await touch('journal-older');
  await touch('journal-topic-corrections');
  expect(asked().at(-1)).toEqual([null, 'corrections', null, null]);
  expect(new Set(codes()).has('sale_closed')).toBe(false);
  await choose('journal-day', '2026-11-22');
  await choose('journal-person', 'gone');
  expect(asked().at(-1)).toEqual(['gone', 'corrections', '2026-11-22', null]);
  expect(text('journal-empty')).toContain('Nothing like this was found');
  await touch('journal-show-all');
  expect([asked().at(-1), codes().length]).toEqual([[null, null, null, null], 20]);
});

test('each fact is told in words', async () => {
  await open();
  await touch('journal-topic-people');
  const rows = all('journal-row').map((row) => row.textContent?.replace(/\s+/g, ' ').trim());
  expect(rows[0]).toContain('Signed in');
  expect(rows.join(' ')).toContain('Нұрлан · before: Нурлан · Senior cashier · before: Cashier');
  await touch('journal-topic-corrections');
  const decided = all('journal-row').find((row) => row.dataset['code'] === 'payment_resolved');
  expect(decided?.textContent).toContain('285\u00a0₸ · as not paid · by Гүлнар · reason: Wi-Fi · evidence: слип');
});

test('the chain is walked when asked for, and what is found is said', async () => {
  await open();
  await touch('journal-verify');
  expect(text('journal-whole')).toBe('whole, 31 facts');
  fake.journal.state = { whole: '11', until: '22.11.2026 13:41:07', brokenAt: '12' };
  await touch('journal-verify');
  expect(find('journal-whole')).toBeNull();
  expect(text('journal-broken')).toContain('damaged from fact 12 on');
  expect(text('journal-broken')).toContain('until 22.11.2026 13:41:07 is whole. Copy the shop’s folder and call support. Delete nothing.');
});

test('what cannot be read is said, and read again', async () => {
  await open();
  fake.journal.show = () => {
    throw failure('storage', 'disk');
  };
  await touch('journal-older');
  expect(find('settings-failure')).not.toBeNull();
  expect(codes().length).toBe(20);
  delete (fake.journal as { show?: unknown }).show;
  await touch('journal-retry');
  expect([find('settings-failure'), codes().length]).toEqual([null, 20]);
});

test('an empty journal says so; Esc goes back to the sale', async () => {
  await open();
  fake.journal.told = [];
  await touch('journal-topic-sales');
  await touch('journal-topic-');
  expect(text('journal-empty')).toBe('The journal is empty so far');
  await keys('Escape');
  expect(find('journal-empty')).toBeNull();
});
