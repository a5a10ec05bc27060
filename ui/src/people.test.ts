/** Who is at the till: sign-in, rights, another person's word, and the page of people, on a make-believe till. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { all, arranged, at, close, commands, fake, find, settle, show, strike, text, till, touch, type } from '../test-window';
import { failure } from './backend/backend';
import { FakeTill } from './backend/fake-till';
import { locale } from './locale.svelte';

let now = 0;

beforeEach(() => {
  now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});

afterEach(async () => {
  await close();
  locale.code = 'en';
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A shop with people: `as` is at the till, nobody for null. */
async function open(as: string | null, state = 'lines'): Promise<void> {
  const shop = arranged(state);
  shop.employ(as);
  await show(shop);
}

const times = (command: string): number => commands().filter((one) => one === command).length;
const dots = (): number => document.querySelectorAll('[data-test="pin-dots"] .filled').length;
const loud = (): string => document.querySelector('[role="alert"].vh')?.textContent ?? '';
const polite = (): string => document.querySelector('[role="status"].vh')?.textContent ?? '';

function after(gapMs: number, key: string, more: KeyboardEventInit = {}): void {
  now += gapMs;
  strike(key, more);
}

/** By hand: a key every fifth of a second. */
async function keys(...struck: string[]): Promise<void> {
  for (const key of struck) after(200, key);
  await settle();
}

/** By a scanner: a key every few milliseconds. */
async function scan(code: string): Promise<void> {
  now += 500;
  for (const key of [...code, 'Enter']) after(3, key, { shiftKey: /[A-Z]/.test(key) && key.length === 1 });
  await settle();
}

async function pin(digits: string): Promise<void> {
  await keys(...digits);
}

/** Nothing of a PIN in the page: no text, no attribute, no field; nor in what the till's side keeps. */
function expectNoPin(digits: string): void {
  expect(document.documentElement.outerHTML).not.toContain(digits);
  for (const field of document.querySelectorAll('input')) expect(field.value).not.toContain(digits);
  const kept = [till.signIn.pin, till.lift.pin].map((one) => one.take()).join(' ');
  expect(`${kept} ${till.desk.people.pin} ${till.desk.people.again} ${till.entry.text}`).not.toContain(digits);
}

describe('signing in', () => {
  test('a tile, the PIN, and the sale is there', async () => {
    await open(null);
    expect(at()).toBe('sign_in/tiles');
    expect(all('person-choose').map((tile) => tile.dataset['person'])).toEqual(['aigerim', 'nurlan', 'madina', 'sergei', 'gulnar', 'erzhan']);
    expect(find('item-search')).toBeNull();
    expect(document.body.textContent).not.toContain('4 959');
    await touch('person-choose', { person: 'madina' });
    expect(at()).toBe('sign_in/pin');
    await pin('3456');
    expect(dots()).toBe(4);
    expect(document.documentElement.outerHTML).not.toContain('3456');
    await keys('Enter');
    expect(at()).toBe('sale/lines');
    expect(text('session-name')).toBe('Мадина Қалиева');
    expect(polite()).toBe('Мадина Қалиева is signed in.');
    expect(document.activeElement).toBe(find('item-search'));
    expectNoPin('3456');
  });

  test('by touch alone', async () => {
    await open(null);
    await touch('person-choose', { person: 'nurlan' });
    for (const digit of '23') await touch('pin-digit', { digit });
    await touch('pin-clear');
    expect(dots()).toBe(0);
    for (const digit of '23459') await touch('pin-digit', { digit });
    await touch('pin-erase');
    await touch('pin-enter');
    expect(at()).toBe('sale/lines');
  });

  test('the last person is under the arrows first; the arrows, Enter and Esc go to and fro', async () => {
    await open('gulnar');
    await touch('session-lock');
    expect(document.activeElement).toHaveProperty('dataset.person', 'gulnar');
    await keys('ArrowRight');
    expect(document.activeElement).toHaveProperty('dataset.person', 'erzhan');
    await keys('Enter');
    expect(text('person-chosen')).toBe('Ержан Тілеуберді');
    await pin('12');
    await keys('Escape');
    expect([at(), dots()]).toEqual(['sign_in/tiles', 0]);
  });

  test('the first digit chooses who is under the arrows; letters and too short a PIN do nothing', async () => {
    await open('aigerim');
    await touch('session-lock');
    await keys('1', '2', 'x', '3', 'Enter');
    expect([at(), dots(), times('session_open')]).toEqual(['sign_in/pin', 3, 0]);
    await keys('4', 'Enter');
    expect(at()).toBe('sale/lines');
  });

  test('digits count by their place on the Kazakh layout', async () => {
    await open(null);
    await touch('person-choose', { person: 'aigerim' });
    for (const [key, code] of [['"', 'Digit1'], ['ә', 'Digit2'], ['і', 'Digit3'], ['ң', 'Digit4']] as const) after(200, key, { code });
    await keys('Enter');
    expect(at()).toBe('sale/lines');
  });

  test('a wrong PIN says what is left, is said aloud, and leaves nothing behind', async () => {
    await open(null);
    await touch('person-choose', { person: 'aigerim' });
    await pin('9182');
    await keys('Enter');
    expect(text('pin-refused')).toBe('This PIN is not right. 4 tries left, then wait 1 min.');
    expect(loud()).toContain('This PIN is not right. 4 tries left');
    expect(dots()).toBe(0);
    expectNoPin('9182');
  });

  test('after five the pad is deaf, the clock runs down, and then it listens again', async () => {
    await open(null);
    await touch('person-choose', { person: 'aigerim' });
    for (let round = 0; round < 5; round += 1) await keys(...'9182', 'Enter');
    expect(text('pin-refused')).toMatch(/^This PIN is not right\. Wait (1:00|0:59), then try again\.$/);
    await pin('1234');
    await touch('pin-digit', { digit: '1' });
    expect([dots(), times('session_open')]).toEqual([0, 5]);
    now += 30_000;
    vi.advanceTimersByTime(200);
    await settle();
    expect(text('pin-refused')).toMatch(/Wait 0:(29|28|30)/);
    // Whom it does not concern may come in.
    await touch('person-choose', { person: 'nurlan' });
    expect(find('pin-refused')).toBeNull();
    await touch('person-choose', { person: 'aigerim' });
    now += 31_000;
    vi.advanceTimersByTime(200);
    await settle();
    expect(text('pin-refused')).toBe('This PIN is not right. You can try again now. After another wrong try the wait is 2 min.');
    await keys(...'1234', 'Enter');
    expect(at()).toBe('sale/lines');
  });

  test('a badge replaces both, lands neither in the PIN nor on the cart', async () => {
    await open(null);
    await touch('person-choose', { person: 'aigerim' });
    await pin('12');
    await scan('7700112233');
    expect(text('session-name')).toBe('Гүлнар Ахметова');
    expect(times('item_scan') + times('session_open')).toBe(0);
  });

  test('a scan is never part of a PIN: an unknown badge empties it and says so', async () => {
    await open(null);
    await touch('person-choose', { person: 'aigerim' });
    await pin('12');
    await scan('4870002220019');
    expect([at(), dots()]).toEqual(['sign_in/tiles', 0]);
    expect(text('pin-refused')).toContain('Nobody here has this badge.');
    expect(document.documentElement.outerHTML).not.toContain('4870002220019');
    expect(commands()).toEqual(['session_open_by_badge']);
  });
});

describe('another cashier', () => {
  test('the name and its key open the tiles, and the cart is kept', async () => {
    await open('aigerim');
    const total = text('cart-total');
    after(200, 'l', { altKey: true });
    await settle();
    expect(at()).toBe('sign_in/tiles');
    expect(document.activeElement).toHaveProperty('dataset.person', 'nurlan');
    await keys('Enter', ...'2345', 'Enter');
    expect(text('session-name')).toBe('Нұрлан Өмірзақов');
    expect(text('cart-total')).toBe(total);
    await touch('session-switch');
    expect(at()).toBe('sign_in/tiles');
  });

  test('when the till locks itself, pages, dialogs and typed text go', async () => {
    await open('erzhan');
    await keys('F1');
    await touch('page-people');
    await touch('person-add');
    await type('person-name', 'Жаңа');
    await type('person-pin', '918273');
    await fake.sessionLock();
    till.accept(fake.view());
    await settle();
    expect(at()).toBe('sign_in/tiles');
    expect([till.desk.page, till.desk.people.name, till.desk.form]).toEqual([null, '', null]);
    expectNoPin('918273');
    await keys('Enter', ...'678901', 'Enter');
    expect(at()).toBe('sale/lines');
    await keys('m', 'i');
    await fake.sessionLock();
    till.accept(fake.view());
    await keys('Enter', ...'678901', 'Enter');
    expect(till.entry.text).toBe('');
  });

  test.each([
    ['a touch', () => touch('quick-add')],
    ['a scan', () => scan('4870003200037')],
  ])('when it was not heard that the till has locked itself, %s shows who may sign in', async (_, act) => {
    await open('aigerim');
    fake.session = null;
    await act();
    expect(at()).toBe('sign_in/tiles');
    expect(find('command-failed')).toBeNull();
  });
});

describe('what another allows', () => {
  /** A discount of a quarter, which a cashier may not give alone. */
  async function ask(): Promise<void> {
    await keys('2', '5', 'F4', 'ArrowRight');
    expect(text('edit-limit')).toBe('You may take off up to 10 %. More needs a supervisor.');
    await keys('Enter');
  }

  test('the prompt names the limit and what is asked; with a PIN and a reason the command goes once more, once', async () => {
    await open('aigerim');
    await ask();
    expect(document.querySelector('[data-dialog-title]')?.textContent?.trim()).toBe('Over your limit of 10 %.');
    expect([text('lift-asked'), text('lift-limit')]).toEqual(['25 %', '10 %']);
    expect(all('lift-person').map((one) => one.dataset['person'])).toEqual(['gulnar', 'erzhan']);
    expect(find('lift-dialog')?.contains(document.activeElement)).toBe(true);
    await touch('lift-person', { person: 'gulnar' });
    await pin('567890');
    expect((find('lift-give') as HTMLButtonElement).disabled).toBe(true);
    await touch('lift-reason-goods');
    await keys('Enter');
    expect(times('lift_give')).toBe(0);
    await touch('lift-give');
    expect(fake.calls.filter((call) => call.command === 'lift_give')).toEqual([{ command: 'lift_give', args: ['refusal-1', 'pin', 'goods'] }]);
    const changes = fake.calls.filter((call) => call.command === 'price_change');
    expect(changes).toHaveLength(2);
    expect(changes[1]).toEqual(changes[0]);
    expect(find('lift-dialog')).toBeNull();
    expect([at(), text('session-name')]).toEqual(['sale/lines', 'Айгерім Сәбитова']);
    expect(till.view?.cart.lines.at(-1)?.discount?.given).toBe('−25%');
    expectNoPin('567890');
    // The next one asks again.
    await ask();
    expect(find('lift-dialog')).not.toBeNull();
  });

  test('Esc closes it without effect', async () => {
    await open('aigerim');
    await ask();
    await touch('lift-person', { person: 'gulnar' });
    await pin('5678');
    await keys('Escape');
    expect([find('lift-dialog'), times('price_change'), times('lift_give')]).toEqual([null, 1, 0]);
    expect([till.problem, at()]).toEqual([null, 'sale/discount']);
    expect(document.activeElement).toBe(find('edit-field'));
    expect(till.view?.cart.lines.at(-1)?.discount).toBeNull();
    expectNoPin('5678');
  });

  test('a wrong PIN is said and nothing happens; a badge is proof, and is not sold', async () => {
    await open('aigerim');
    await ask();
    await touch('lift-reason-customer');
    await touch('lift-person', { person: 'erzhan' });
    await keys(...'111111');
    await touch('lift-give');
    expect(text('pin-refused')).toContain('This PIN is not right. 4 tries left');
    expect(loud()).toContain('This PIN is not right.');
    expect(times('price_change')).toBe(1);
    await scan('7700112233');
    expect([text('lift-badge'), dots()]).toEqual(['The badge is read.', 0]);
    expect(document.documentElement.outerHTML).not.toContain('7700112233');
    await touch('lift-give');
    expect(fake.calls.filter((call) => call.command === 'lift_give').at(-1)?.args).toEqual(['refusal-1', 'badge', 'customer']);
    expect([times('price_change'), times('item_scan')]).toEqual([2, 0]);
  });

  test('refused again, it is told and not asked without end', async () => {
    await open('aigerim');
    vi.spyOn(fake, 'liftGive').mockResolvedValue();
    await ask();
    await touch('lift-reason-goods');
    await scan('7700112233');
    await touch('lift-give');
    expect([times('price_change'), find('lift-dialog')]).toEqual([2, null]);
    expect(text('command-failed')).toContain('This is over what you may do alone.');
  });

  test('what no longer holds closes the prompt and says so', async () => {
    await open('aigerim');
    vi.spyOn(fake, 'liftGive').mockRejectedValue(failure('approval_gone'));
    await ask();
    await touch('lift-reason-goods');
    await scan('7700112233');
    await touch('lift-give');
    expect([times('price_change'), find('lift-dialog')]).toEqual([1, null]);
    expect(text('command-failed')).toContain('The approval no longer holds');
  });

  test('a lock closes the prompt', async () => {
    await open('aigerim');
    await ask();
    await fake.sessionLock();
    till.accept(fake.view());
    await settle();
    expect([find('lift-dialog'), at(), till.problem]).toEqual([null, 'sign_in/tiles', null]);
  });

  test('giving up a parked sale and deciding a doubt ask the same way', async () => {
    await open('aigerim');
    await keys('F6');
    await keys('F7', 'Delete', 'Delete');
    expect(text('lift-dialog')).toContain('Delete a parked sale');
    expect(document.querySelector('[data-dialog-title]')?.textContent?.trim()).toBe('This takes another person’s word.');
    await touch('lift-reason-mistake');
    await scan('7700112233');
    await touch('lift-give');
    expect([times('sale_discard'), fake.held.length]).toEqual([2, 0]);
  });

  test('the settings and the people are not lent out: a role that lost them is told so, and nobody is asked', async () => {
    await open('erzhan');
    await touch('settings-open');
    await type('shop-name', 'Жаңа дүкен');
    fake.enter(fake.people.find((person) => person.id === 'aigerim'));
    await touch('settings-save');
    expect([find('lift-dialog'), at(), till.desk.form?.name]).toEqual([null, 'settings/shop', 'Жаңа дүкен']);
    expect(text('settings-failed')).toContain('Your role does not allow this.');
    expect([times('settings_save'), times('lift_give')]).toEqual([1, 0]);
  });

  test('a payment in doubt: the prompt stands over the dialog, and both close', async () => {
    await open('aigerim', 'doubt');
    await touch('attempt-decide');
    for (const radio of all('decision-choose')) if ((radio as HTMLInputElement).value === 'declined') radio.click();
    await settle();
    expect(find('resolve-by')).toBeNull();
    await type('resolve-reason', 'seen on the terminal');
    await touch('attempt-resolve');
    expect(till.place).toBe('lift');
    await touch('lift-reason-agreed');
    await scan('7700112233');
    await touch('lift-give');
    expect([times('attempt_resolve'), find('lift-dialog'), find('resolve-dialog')]).toEqual([2, null, null]);
  });
});

describe('what a role does not have is not shown', () => {
  test('a cashier has no settings; a supervisor has them without the people; an owner has all', async () => {
    await open('aigerim');
    expect(find('settings-open')).toBeNull();
    await keys('F1');
    expect([at(), find('page-shop'), find('page-goods'), find('page-people')]).toEqual(['settings/keys', null, null, null]);
    await close();
    await open('gulnar');
    await touch('settings-open');
    expect(at()).toBe('settings/shop');
    expect(find('page-people')).toBeNull();
    await close();
    await open('erzhan');
    await touch('settings-open');
    expect(find('page-people')).not.toBeNull();
  });

  test('a right that is not there and cannot be lifted takes its keys with it', async () => {
    await open('aigerim');
    const bare = (fake.session?.rights ?? []).map((grant) => (grant.right === 'sell' ? grant : { ...grant, reach: 'no' as const, limit: null, liftable: false }));
    fake.session = { person: fake.session!.person, rights: bare };
    await fake.saleHold();
    till.accept(fake.view());
    await settle();
    await scan('4870002220019');
    expect(find('line-price')).toBeNull();
    await keys('F4');
    expect(at()).toBe('sale/lines');
    await keys('F3');
    expect(['edit-quantity', 'edit-discount', 'edit-price', 'edit-cart_discount'].map((name) => find(name) !== null)).toEqual([true, false, false, false]);
    await keys('Escape', 'F7');
    expect([all('held-sale').length, find('sale-discard')]).toEqual([1, null]);
    await keys('Delete', 'Delete');
    expect(times('sale_discard')).toBe(0);
  });

  test('the practice shop has everything, and no name and no lock', async () => {
    await show(arranged('lines'));
    expect([find('session-name'), find('session-lock'), find('edit-limit')]).toEqual([null, null, null]);
    expect(['settings-open', 'line-price'].map((name) => find(name) !== null)).toEqual([true, true]);
    after(200, 'l', { altKey: true });
    await settle();
    expect(times('session_lock')).toBe(0);
  });
});

describe('the first owner', () => {
  beforeEach(async () => {
    const shop = new FakeTill();
    shop.session = null;
    await show(shop);
  });

  test('a name and the PIN twice', async () => {
    expect(at()).toBe('sign_in/owner');
    await type('owner-name', 'Ержан Тілеуберді');
    await type('owner-pin', '678901');
    await type('owner-pin-again', '678901');
    expect((find('owner-pin') as HTMLInputElement).type).toBe('password');
    await touch('owner-make');
    expect([at(), text('session-name')]).toEqual(['sale/empty', 'Ержан Тілеуберді']);
    expectNoPin('678901');
  });

  test('what is wrong stands at its field, and the PINs are gone', async () => {
    await touch('owner-make');
    expect(text('owner-name-wrong')).toBe('The name is missing.');
    await type('owner-name', 'Ержан');
    await type('owner-pin', '67890');
    await type('owner-pin-again', '67890');
    await touch('owner-make');
    expect(text('owner-pin-wrong')).toContain('At least 6 digits.');
    await type('owner-pin', '678901');
    await type('owner-pin-again', '678902');
    await touch('owner-make');
    expect(text('owner-pin-again-wrong')).toContain('not the same');
    expect((find('owner-pin') as HTMLInputElement).value).toBe('');
    expectNoPin('678901');
    await scan('4870002220019');
    expect(commands()).toEqual([]);
  });
});

describe('the page of people', () => {
  beforeEach(async () => {
    await open('erzhan');
    await keys('F1');
    await touch('page-people');
  });

  const row = (id: string): string => [...(all('person-row').find((one) => one.dataset['person'] === id)?.querySelectorAll('td') ?? [])].map((cell) => cell.textContent?.trim()).join(' ');
  async function choose(id: string): Promise<void> {
    all('person-row').find((one) => one.dataset['person'] === id)?.querySelector('button')?.click();
    await settle();
  }

  test('who there is, and what each role may do', async () => {
    expect(at()).toBe('settings/people');
    expect(all('person-row')).toHaveLength(6);
    expect(row('gulnar')).toBe('Гүлнар Ахметова Supervisor yes open');
    expect(document.querySelector('[data-right="discount"][data-role="cashier"]')?.textContent).toContain('up to 10 %');
    expect(document.querySelector('[data-right="void"][data-role="cashier"]')?.textContent).toContain('with approval');
    expect(document.querySelector('[data-right="people"][data-role="supervisor"]')?.textContent).toContain('no');
  });

  test('adding: what is refused stands at its field, and the PIN does not stay', async () => {
    await touch('person-add');
    await type('person-name', 'Сергей Ким');
    await type('person-pin', '9182');
    await type('person-pin-again', '9182');
    await touch('person-save');
    expect(text('person-name-wrong')).toContain('somebody has it already');
    expectNoPin('9182');
    await type('person-name', 'Дана Оспанова');
    await touch('person-role-supervisor');
    await type('person-pin', '9182');
    await type('person-pin-again', '9182');
    await touch('person-save');
    expect(text('person-pin-wrong')).toContain('At least 6 digits.');
    await type('person-pin', '918273');
    await type('person-pin-again', '918273');
    await touch('person-save');
    expect(all('person-row')).toHaveLength(7);
    expect(find('person-form')).toBeNull();
    expectNoPin('918273');
  });

  test('a role that wants a longer PIN asks for it; a new PIN alone is set', async () => {
    await choose('nurlan');
    await touch('person-role-supervisor');
    await touch('person-save');
    expect(text('person-pin-wrong')).toContain('at least 6 for a supervisor');
    await type('person-pin', '918273');
    await type('person-pin-again', '918273');
    await touch('person-save');
    expect(row('nurlan')).toContain('Supervisor');
    await type('person-pin', '192837');
    await type('person-pin-again', '192837');
    await touch('person-save');
    expect(commands().filter((one) => one.startsWith('person_'))).toEqual(['person_change', 'person_change', 'person_set_pin']);
    expect(text('person-saved')).toBe('Saved');
    expectNoPin('192837');
  });

  test('a badge is waited for and scanned; one that is taken is refused; it is taken away', async () => {
    await choose('nurlan');
    await touch('person-badge-set');
    await scan('7700112233');
    expect(text('person-badge-wrong')).toContain('somebody has it already');
    await touch('person-badge-set');
    expect(text('badge-awaited')).toContain('Scan the badge now.');
    await scan('8811223344');
    expect([at(), times('item_scan')]).toEqual(['settings/people', 0]);
    expect(row('nurlan')).toContain('yes');
    await touch('person-badge-remove');
    expect(row('nurlan')).toContain('none');
    await touch('person-badge-set');
    await keys('Escape');
    expect([find('badge-awaited'), at()]).toEqual([null, 'settings/people']);
  });

  test('removing takes a second press; the last owner stays', async () => {
    await choose('sergei');
    await touch('person-remove');
    expect([times('person_remove'), text('person-remove')]).toEqual([0, 'Remove Сергей Ким for good']);
    await touch('person-remove');
    expect([times('person_remove'), all('person-row').length]).toEqual([1, 5]);
    await choose('erzhan');
    expect([find('person-remove'), find('person-role-cashier')]).toEqual([null, null]);
  });

  test('how long somebody waits after wrong PINs', async () => {
    fake.people.find((one) => one.id === 'aigerim')!.waitsUntil = now + 60_000;
    await touch('page-people');
    expect(text('person-wait')).toMatch(/^(1:00|0:59)$/);
  });
});
