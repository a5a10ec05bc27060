/** The whole window on a make-believe till: how the tests open it, read it, and press its keys. */
import { flushSync, mount, tick, unmount } from 'svelte';
import App from './src/App.svelte';
import { arrange } from './src/backend/fake-states';
import { FakeTill, type FakeOptions } from './src/backend/fake-till';
import { Till } from './src/till/till.svelte';

export let fake: FakeTill;
export let till: Till;
let app: Record<string, unknown>;

export function arranged(state: string, options: FakeOptions = {}): FakeTill {
  const made = new FakeTill(options);
  arrange(made, state);
  return made;
}

export async function show(made: FakeTill): Promise<void> {
  fake = made;
  till = new Till(made);
  app = mount(App, { target: document.body, props: { till } });
  await settle();
}

export async function close(): Promise<void> {
  await unmount(app);
  document.body.innerHTML = '';
}

export async function settle(): Promise<void> {
  for (let round = 0; round < 40; round += 1) await Promise.resolve();
  flushSync();
  await tick();
  flushSync();
}

export const root = (): HTMLElement => document.querySelector('.app') as HTMLElement;
export const all = (name: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(`[data-test="${name}"]`)];
export const find = (name: string): HTMLElement | null => all(name)[0] ?? null;
export const text = (name: string): string => (find(name)?.textContent ?? '').replace(/\s+/g, ' ').trim();
export const at = (): string => `${root().dataset['screen']}/${root().dataset['state']}`;
export const commands = (): string[] => fake.calls.map((call) => call.command);

/** One key as a browser brings it: the event first, then the character in the focused field unless it was used up. */
export function strike(key: string, more: KeyboardEventInit = {}): boolean {
  const code = more.code ?? (/^\d$/.test(key) ? `Digit${key}` : /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key === '-' ? 'Minus' : key);
  const target = document.activeElement ?? document.body;
  const event = new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  const field = document.activeElement;
  if (!event.defaultPrevented && [...key].length === 1 && field instanceof HTMLInputElement) fill(field, field.value + key);
  // A browser clicks the focused button on Enter and on Space.
  if (!event.defaultPrevented && (key === 'Enter' || key === ' ') && target instanceof HTMLButtonElement) target.click();
  flushSync();
  return !event.defaultPrevented;
}

export async function keys(...struck: string[]): Promise<void> {
  for (const key of struck) strike(key);
  await settle();
}

export async function touch(name: string, which: Record<string, string> = {}): Promise<void> {
  const found = all(name).find((element) => Object.entries(which).every(([key, value]) => element.dataset[key] === value));
  (found as HTMLButtonElement).click();
  await settle();
}

export async function type(name: string, value: string): Promise<void> {
  fill(find(name) as HTMLInputElement, value);
  await settle();
}

function fill(field: HTMLInputElement, value: string): void {
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
