/** The whole window on a make-believe till: what a cashier's keys and touches do, and above all do not do. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { arranged, at, close, commands, fake, find, keys, root, settle, show, strike, text, till, touch } from '../test-window';
import { FakeTill, type FakeOptions } from './backend/fake-till';

afterEach(async () => {
  await close();
  vi.useRealTimers();
});

const open = (state: string, options: FakeOptions = {}): Promise<void> => show(arranged(state, options));
const payments = (): { command: string; args: unknown[] }[] => fake.calls.filter((call) => call.command.startsWith('payment_'));

async function scan(code: string): Promise<void> {
  await keys(...code, 'Enter');
}

describe('paying takes as few keys as promised', () => {
  test('exact cash: one', async () => {
    await open('lines');
    await keys('F10');
    expect(payments()).toEqual([{ command: 'payment_cash', args: [expect.stringMatching(/^[0-9a-f-]{36}$/), null] }]);
    expect(at()).toBe('done/cash');
  });

  test('cash received: its digits and one', async () => {
    await open('lines');
    await keys('5', '0', '0', '0', 'F10');
    expect(payments()[0]?.args[1]).toBe('5000');
    expect(text('done-change')).toBe('41 ₸');
  });

  test('a note: one touch', async () => {
    await open('lines');
    await touch('note-take');
    expect(payments()[0]?.args[1]).toBe('5000');
    expect(at()).toBe('done/cash');
  });

  test('Kaspi: one, then the device leads', async () => {
    await open('lines');
    await keys('F9');
    expect(at()).toBe('paying/intended');
    fake.step();
    await settle();
    expect(text('stage-sentence')).toBe('Waiting for the customer');
    fake.step();
    fake.step();
    await settle();
    expect(at()).toBe('paying/approved');
    await new Promise((done) => setTimeout(done, 650));
    await settle();
    expect(at()).toBe('done/device');
  });

  test('two thousand in cash, the rest by Kaspi', async () => {
    await open('lines');
    await keys('2', '0', '0', '0', 'F10');
    expect(text('cart-tender')).toContain('2 000');
    expect(text('cart-due')).toContain('2 959');
    expect(at()).toBe('sale/lines');
    await keys('F9');
    expect(payments().map((payment) => payment.command)).toEqual(['payment_cash', 'payment_device']);
  });

  test('a sum by touch alone', async () => {
    await open('lines');
    await touch('note-other');
    for (const name of ['digit-6', 'digit-0', 'digit-extra']) await touch(name);
    expect(text('cash-preview')).toContain('1 041');
    await touch('cash-take');
    expect(payments()[0]?.args[1]).toBe('6000');
    expect(at()).toBe('done/cash');
  });

  test('on the Kazakh layout the digit row gives letters, and the keys still count', async () => {
    await open('lines');
    const row: [string, string][] = [['ғ', 'Digit5'], ['қ', 'Digit0'], ['қ', 'Digit0'], ['қ', 'Digit0']];
    for (const [key, code] of row) strike(key, { code });
    await keys('F10');
    expect(payments()[0]?.args[1]).toBe('5000');
  });

  test.each([
    ['=450', [['һ', 'Equal'], ['ң', 'Digit4'], ['ғ', 'Digit5'], ['қ', 'Digit0']]],
    ['4870', [['ң', 'Digit4'], ['ү', 'Digit8'], ['.', 'Digit7'], ['қ', 'Digit0']]],
    ['кү', [['к', 'KeyR'], ['ү', 'Digit8']]],
  ] as [string, [string, string][]][])('on the Kazakh layout %s is looked for as it was meant', async (meant, row) => {
    await open('empty');
    const search = vi.spyOn(fake, 'catalogueSearch');
    for (const [key, code] of row) strike(key, { code });
    await till.entry.settled();
    expect(search.mock.lastCall).toEqual([meant]);
  });
});

test('a terminal that was not reached is quoted with no words', async () => {
  await open('unreachable');
  expect(document.body.textContent).not.toContain('os error');
  await close();
  await open('blocked');
  expect(document.body.textContent).toContain('107: payments are blocked');
});

describe('money never moves by accident', () => {
  test('Enter pays nowhere, not even on a pay key that has the focus', async () => {
    await open('lines');
    await keys('Enter');
    for (const name of ['payment-cash', 'payment-kaspi', 'note-take']) {
      find(name)?.focus();
      await keys('Enter');
    }
    await keys('5', '0', '0', '0');
    find('cash-offer')?.focus();
    await keys('Enter');
    expect(payments()).toEqual([]);
  });

  test('Space on a focused pay key pays', async () => {
    await open('lines');
    find('payment-cash')?.focus();
    await keys(' ');
    expect(payments()).toHaveLength(1);
  });

  test('a second press waits for the first answer', async () => {
    await open('lines');
    strike('F9');
    strike('F9');
    strike('F10');
    await settle();
    expect(payments()).toHaveLength(1);
  });

  test('each press has its own id', async () => {
    await open('lines', { kaspi: 'busy' });
    await keys('F9');
    fake.step();
    await settle();
    await keys('F9');
    const ids = payments().map((payment) => payment.args[0]);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
  });

  test('right after a scan the pay keys are deaf', async () => {
    await open('lines');
    await scan('4870001110013');
    expect(root().dataset['payReady']).toBe('false');
    await keys('F9');
    await touch('payment-cash');
    expect(payments()).toEqual([]);
    await new Promise((done) => setTimeout(done, 320));
    await settle();
    expect(root().dataset['payReady']).toBe('true');
    await keys('F10');
    expect(payments()).toHaveLength(1);
  });

  test('scanned digits are never a sum received', async () => {
    await open('lines');
    for (const key of '123456') strike(key);
    await keys('F10');
    expect(payments()).toEqual([]);
    expect(commands()).toContain('item_scan');
  });

  test('letters before F10 are asked about, not paid', async () => {
    await open('lines');
    await keys('a', 'b', 'F10');
    expect(payments()).toEqual([]);
    expect(text('amount-wrong')).toContain('is not an amount');
  });

  test('a sum left in the field stops Kaspi', async () => {
    await open('lines');
    await keys('2', '0', 'F9');
    expect(payments()).toEqual([]);
    await keys('Escape', 'F9');
    expect(payments()).toHaveLength(1);
  });

  test('a blocked key does nothing and says why', async () => {
    await open('parked');
    await keys('F9');
    expect(payments()).toEqual([]);
    expect(text('pay-blocked')).toBe('Kaspi: a payment is in doubt');
  });
});

describe('the field', () => {
  test('a scan adds whatever has the focus', async () => {
    await open('lines');
    find('quick-add')?.focus();
    await scan('4870001110013');
    expect(fake.calls).toEqual([{ command: 'item_scan', args: ['4870001110013'] }]);
    expect((find('item-search') as HTMLInputElement).value).toBe('');
  });

  test('an unknown code adds nothing and empties the field', async () => {
    await open('lines');
    await scan('4870011223344');
    expect(at()).toBe('sale/unknown');
    expect(text('code-unknown')).toContain('No product has the code 4870011223344.');
    expect((find('item-search') as HTMLInputElement).value).toBe('');
    await scan('4870001110013');
    expect(at()).toBe('sale/lines');
  });

  test('a code that is wrong says how, scanned or typed', async () => {
    await open('lines');
    const wrong = 'This is a customer card, and no loyalty programme is set up. Nothing was added.';
    await scan('2900000000018');
    expect(text('command-failed')).toBe(wrong);
    await keys('Escape', ...'2900000000018', 'Enter');
    await settle();
    expect(text('command-failed')).toBe(wrong);
    expect((find('item-search') as HTMLInputElement).value).toBe('');
  });

  test('letters search, arrows choose, Enter adds', async () => {
    await open('empty');
    for (const key of 'Арай') strike(key, { code: 'KeyA' });
    await settle();
    expect(at()).toBe('sale/search');
    await keys('ArrowDown', 'Enter');
    expect(fake.calls.at(-1)?.command).toBe('item_add');
    expect(at()).toBe('sale/lines');
  });

  test('a typed code is tried as a code first, a typed word never', async () => {
    await open('empty');
    await keys('2', '0', '0', '3', 'Enter');
    expect(fake.calls).toEqual([{ command: 'item_scan', args: ['2003'] }]);
    for (const key of 'нан') strike(key, { code: 'KeyY' });
    await keys('Enter');
    expect(commands()).toEqual(['item_scan', 'item_add']);
    await keys('9', '9', 'Enter');
    expect(at()).toBe('sale/unknown');
  });

  test('typing goes to the field from anywhere', async () => {
    await open('lines');
    find('payment-cash')?.focus();
    await keys('7');
    expect(document.activeElement).toBe(find('item-search'));
    expect((find('item-search') as HTMLInputElement).value).toBe('7');
  });

  test('3 F3 sets three of the last line', async () => {
    await open('lines');
    await keys('3', 'F3');
    expect(fake.calls).toEqual([{ command: 'line_set_quantity', args: [6, '3'] }]);
  });

  test('the chosen line goes with Del and comes back', async () => {
    await open('lines');
    await keys('ArrowUp', 'ArrowUp', 'Delete');
    expect(fake.calls).toEqual([{ command: 'line_remove', args: [5] }]);
    await touch('line-restore');
    expect(commands()).toContain('line_restore');
  });
});

describe('prices and discounts', () => {
  test('ten percent off the last line: a number, F4, a reason, Enter', async () => {
    await open('lines');
    await keys('1', '0', 'F4');
    expect(at()).toBe('sale/discount');
    expect(text('edit-preview')).toBe('639 ₸');
    await keys('Enter');
    expect(text('reason-missing')).toContain('Choose a reason');
    await keys('ArrowRight', 'Enter');
    expect(fake.calls).toEqual([{ command: 'price_change', args: [{ kind: 'line_discount', lineId: 6, discount: '10%' }, 'damaged'] }]);
    expect(at()).toBe('sale/lines');
    expect(text('cart-saved')).toBe('Discount −71');
  });

  test('a price by touch alone', async () => {
    await open('lines');
    await touch('line-choose');
    await touch('edit-price');
    for (const name of ['digit-5', 'digit-9', 'digit-0', 'reason-shelf_price', 'edit-apply']) await touch(name);
    expect(fake.calls).toEqual([{ command: 'price_change', args: [{ kind: 'line', lineId: 1, price: '590' }, 'shelf_price'] }]);
  });

  test('a discount on the whole sale is given and taken away', async () => {
    await open('lines');
    strike('F4', { shiftKey: true });
    await keys('5', 'ArrowLeft', 'Enter');
    expect(fake.calls.at(-1)?.args).toEqual([{ kind: 'cart_discount', discount: '5%' }, 'goodwill']);
    expect(text('cart-discount')).toContain('−5%');
    strike('F4', { shiftKey: true });
    await settle();
    await touch('price-reset');
    expect(find('cart-discount')).toBeNull();
  });

  test('a number typed for a discount is never cash received', async () => {
    await open('lines');
    await keys('F4', '5', '0', 'F10');
    await touch('note-take');
    expect(payments()).toEqual([]);
    expect(text('field-typed')).toContain('Nothing was charged');
  });

  test('a scan into the editor adds the good', async () => {
    await open('lines');
    await keys('F4');
    await scan('4870001110013');
    expect(fake.calls).toEqual([{ command: 'item_scan', args: ['4870001110013'] }]);
    expect(at()).toBe('sale/lines');
  });

  test('an unknown code is sold by its price', async () => {
    await open('lines');
    await scan('4870011223344');
    await touch('price-type');
    for (const name of ['digit-4', 'digit-5', 'digit-0', 'price-add']) await touch(name);
    expect(fake.calls.at(-1)).toEqual({ command: 'item_sell_by_price', args: ['450', '4870011223344'] });
  });
});

describe('parked sales', () => {
  test('one key parks, two bring it back', async () => {
    await open('lines');
    await keys('F6');
    expect(at()).toBe('sale/empty');
    expect(text('held-count')).toBe('1');
    await keys('F7');
    expect(at()).toBe('parked/list');
    await keys('Enter');
    expect(commands()).toEqual(['sale_hold', 'sale_recall']);
    expect(at()).toBe('sale/lines');
  });

  test('a scan closes the list and goes into the cart in hand', async () => {
    await open('lines');
    await keys('F6', 'F7');
    await scan('4870001110013');
    expect(commands()).toEqual(['sale_hold', 'item_scan']);
    expect(at()).toBe('sale/lines');
  });

  test('deleting asks once more', async () => {
    await open('lines');
    await keys('F6');
    await keys('F7', 'Delete');
    expect(commands()).toEqual(['sale_hold']);
    await keys('Delete');
    expect(commands()).toEqual(['sale_hold', 'sale_discard']);
    expect(at()).toBe('parked/empty');
  });
});

describe('while money moves', () => {
  test('a scan is refused in words', async () => {
    await open('waiting');
    await scan('4870001110013');
    expect(commands()).toEqual([]);
    expect(text('scan-refused')).toContain('was not added');
  });

  test('Esc stops the waiting and cancels nothing', async () => {
    await open('waiting');
    await keys('Escape');
    expect(commands()).toEqual(['attempt_stop_waiting']);
    expect(text('stage-sentence')).toBe('Cancel it on the terminal');
    expect(at()).toBe('paying/pending');
    await keys('F6');
    expect(commands()).toEqual(['attempt_stop_waiting', 'attempt_park']);
    expect(at()).toBe('sale/empty');
  });

  test('in doubt no pay key exists, and parking opens the next sale', async () => {
    await open('doubt');
    expect(at()).toBe('paying/doubt');
    expect(find('payment-cash')).toBeNull();
    await keys('F9', 'F10');
    expect(payments()).toEqual([]);
    await keys('F6');
    expect(at()).toBe('sale/empty');
    await touch('attempt-open');
    expect(at()).toBe('paying/doubt');
  });

  test('in doubt the screen counts down to the next question, and a person can ask sooner', async () => {
    await open('doubt');
    expect(text('attempt-check')).toMatch(/^Check again in 0:0[67]$/);
    await touch('attempt-check');
    expect(commands()).toEqual(['attempt_check']);
    expect(at()).toBe('paying/doubt');
  });

  test('a refusal leaves the pay keys live', async () => {
    await open('declined');
    expect(text('refused-say')).toBe('Declined. No money was taken');
    await keys('F10');
    expect(at()).toBe('done/cash');
  });

  test('a supervisor decides with evidence only', async () => {
    await open('doubt');
    await touch('attempt-decide');
    const record = (): HTMLButtonElement => find('attempt-resolve') as HTMLButtonElement;
    expect(record().disabled).toBe(true);
    (document.querySelector('input[value=approved]') as HTMLInputElement).click();
    await settle();
    await touch('attempt-resolve');
    expect(text('resolve-failed')).toContain('Fill in');
    for (const [name, words] of [['resolve-reference', '504711333'], ['resolve-by', 'Ерлан'], ['resolve-reason', 'Wi-Fi']] as const) {
      const field = find(name) as HTMLInputElement;
      field.value = words;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
    await settle();
    find('resolve-reason')?.focus();
    await keys('Enter');
    expect(commands()).toEqual([]);
    await touch('attempt-resolve');
    expect(fake.calls[0]?.args[0]).toMatchObject({ decision: 'approved', by: 'Ерлан', reference: '504711333', reason: 'Wi-Fi' });
  });
});

describe('a scan into the supervisor’s dialog', () => {
  test('is refused, and leaves the field as it was', async () => {
    await open('doubt');
    await touch('attempt-decide');
    const field = find('resolve-reason') as HTMLInputElement;
    field.focus();
    for (const key of 'Wi') strike(key);
    await new Promise((done) => setTimeout(done, 120));
    await scan('4870001110013');
    expect(field.value).toBe('Wi');
    expect(commands()).toEqual([]);
    expect(text('scan-refused')).toContain('was not added');
    expect(find('attempt-resolve')).not.toBeNull();
  });
});

test('a scan into the settings goes to the sale, and leaves the field as it was', async () => {
  await open('empty');
  await touch('settings-open');
  const field = find('shop-name') as HTMLInputElement;
  field.value = 'Jetisu';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.focus();
  await scan('4870001110013');
  expect(at()).toBe('sale/lines');
  expect(till.entry.text).toBe('');
  await touch('settings-open');
  expect((find('shop-name') as HTMLInputElement).value).toBe('Jetisu');
});

describe('a payment in which the till was switched off', () => {
  test('is asked about, can be put aside, and takes nothing else', async () => {
    await open('restart');
    expect(at()).toBe('paying/restart');
    expect(text('restart-say')).toBe('The till was switched off during a payment');
    expect(['sent', 'switched_off', 'asking', 'outcome'].map((stage) => find(`stage-${stage}`)?.dataset['state'])).toEqual(['done', 'doubt', 'now', 'todo']);
    expect(text('cart-lock')).toContain('Waiting for the answer');
    await keys('F9', 'F10', 'Escape', 'Enter');
    expect(commands()).toEqual([]);
    await scan('4870001110013');
    expect(commands()).toEqual([]);
    expect(text('scan-refused')).toContain('was not added');
    await keys('F6');
    expect(commands()).toEqual(['attempt_park']);
  });
});

describe('when the sale is closed', () => {
  test('the first scan opens the next sale', async () => {
    await open('done-change');
    expect(text('done-change')).toBe('5 041 ₸');
    await keys('F9', 'F10', 'Enter');
    expect(payments()).toEqual([]);
    await scan('4870001110013');
    expect(at()).toBe('sale/lines');
    expect(text('cart-ticket')).toBe('Sale 1 043');
  });

  test('the receipt is shown as a code and hidden again, and the change stays', async () => {
    await open('done-change');
    await touch('receipt-qr');
    expect(find('receipt-code')).not.toBeNull();
    expect(text('done-change')).toBe('5 041 ₸');
    await touch('receipt-qr');
    expect(find('receipt-code')).toBeNull();
    expect(text('done-change')).toBe('5 041 ₸');
  });

  test('an unknown scan keeps the change on the screen', async () => {
    await open('done-change');
    await scan('4870011223344');
    expect(at()).toBe('done/cash');
    expect(text('code-unknown')).toContain('4870011223344');
    expect(text('done-change')).toBe('5 041 ₸');
  });
});

test('an older view never replaces a newer one', async () => {
  await open('lines');
  const old = fake.view();
  await keys('F10');
  till.accept(old);
  await settle();
  expect(at()).toBe('done/cash');
});

test('a till that does not answer says so', async () => {
  const dumb = new FakeTill();
  dumb.viewShow = () => Promise.reject({ code: 'storage', message: 'disk full' });
  await show(dumb);
  expect(text('start-failed')).toContain('disk full');
});

test('the keyboard walks the field, the goods, the cart, the pay keys and then the bar', async () => {
  await open('lines');
  const order = [...document.querySelectorAll('input, button')].map((element) => (element as HTMLElement).dataset['test'] ?? '');
  const first = ['item-search', 'quick-page', 'quick-add', 'line-quantity', 'line-choose', 'note-take', 'payment-kaspi', 'locale-set-kk'].map((name) => order.indexOf(name));
  expect(first).toEqual([...first].sort((a, b) => a - b));
  expect(first[0]).toBe(0);
});

test('the language follows the view', async () => {
  await open('lines');
  await touch('locale-set-ru');
  expect(document.documentElement.lang).toBe('ru');
  expect(text('payment-cash')).toContain('Наличные');
  await touch('locale-set-en');
});
