/** Closing the window while a payment is open: the question, what it lists, and that only its own button closes. */
import { flushSync, mount, tick, unmount } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import App from './App.svelte';
import { arrange } from './backend/fake-states';
import { FakeTill } from './backend/fake-till';
import { age } from './till/closing.svelte';
import { Till } from './till/till.svelte';

let fake: FakeTill;
let till: Till;
let app: Record<string, unknown>;

afterEach(async () => {
  await unmount(app);
  document.body.innerHTML = '';
});

async function settle(): Promise<void> {
  for (let round = 0; round < 40; round += 1) await Promise.resolve();
  flushSync();
  await tick();
}

async function open(state: string): Promise<void> {
  fake = new FakeTill();
  arrange(fake, state);
  till = new Till(fake);
  app = mount(App, { target: document.body, props: { till } });
  await settle();
}

const find = (name: string): HTMLElement | null => document.querySelector(`[data-test="${name}"]`);
const closed = (): boolean => fake.calls.some((call) => call.command === 'window_close');

test('the question lists what is open, and staying changes nothing', async () => {
  await open('doubt');
  fake.askToClose();
  await settle();
  expect(document.querySelectorAll('[data-test="closing-payment"]').length).toBe(1);
  expect(find('closing-age')?.textContent).toBe('12 min');
  expect(till.place).toBe('dialog');
  find('closing-stay')?.click();
  await settle();
  expect(find('closing-dialog')).toBeNull();
  expect(closed()).toBe(false);
});

test('its own button closes', async () => {
  await open('parked');
  fake.askToClose();
  await settle();
  find('window-close')?.click();
  await settle();
  expect(closed()).toBe(true);
  expect(find('closing-leaving')).not.toBeNull();
});

test('a locked till says how many are open and not which', async () => {
  await open('parked');
  fake.employ();
  await till.ask(() => fake.sessionLock());
  fake.askToClose();
  await settle();
  expect(find('closing-dialog')?.textContent).toContain('1');
  expect(find('closing-payment')).toBeNull();
});

test('a scan while the question stands goes nowhere', async () => {
  await open('parked');
  fake.askToClose();
  await settle();
  const before = fake.calls.length;
  await till.scan('4870001110013');
  expect(fake.calls.length).toBe(before);
});

test('an age is told in the largest unit that fits', () => {
  const minute = 60_000;
  expect([0, 59_999, minute, 59 * minute, 60 * minute, 47 * 60 * minute, 48 * 60 * minute].map(age)).toEqual([
    { key: 'age_now', count: 0 },
    { key: 'age_now', count: 0 },
    { key: 'age_minutes', count: 1 },
    { key: 'age_minutes', count: 59 },
    { key: 'age_hours', count: 1 },
    { key: 'age_hours', count: 47 },
    { key: 'age_days', count: 2 },
  ]);
});

test('what the disk does not take is told on every screen', async () => {
  await open('lines');
  expect(find('unwritten-strip')).toBeNull();
  fake.unwritten = true;
  await till.setLocale('ru');
  await settle();
  expect(find('unwritten-strip')?.getAttribute('role')).toBe('alert');
});
