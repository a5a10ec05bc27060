/** The settings pages on a make-believe till. */
import { afterEach, describe, expect, test } from 'vitest';
import { arranged, at, close, fake, find, keys, settle, show, text, till, touch, type } from '../test-window';
import type { Import } from './backend/contract';
import { arrange } from './backend/fake-states';

afterEach(close);

const open = (state = 'lines'): Promise<void> => show(arranged(state));

/** What the till would say by itself. */
async function phase(goods: Import | null): Promise<void> {
  fake.import = goods;
  till.accept(fake.view());
  await settle();
}

describe('the way there and back', () => {
  test('F1 shows the keys, Esc goes back, and the typed text is still there', async () => {
    await open('empty');
    till.entry.input('нан');
    await keys('F1');
    expect(at()).toBe('settings/keys');
    await keys('Escape');
    expect(at()).toBe('sale/search');
    expect((find('item-search') as HTMLInputElement).value).toBe('нан');
  });

  test('no key pays behind the settings', async () => {
    await open();
    await touch('settings-open');
    for (const key of ['F9', 'F10', 'Enter']) await keys(key);
    expect(fake.calls).toEqual([]);
    expect(at()).toBe('settings/shop');
  });

  test('a payment in doubt closes them', async () => {
    await open();
    await touch('settings-open');
    arrange(fake, 'doubt');
    till.accept(fake.view());
    await settle();
    expect(at()).toBe('paying/doubt');
  });

  test('while money is on its way they stay closed', async () => {
    await open('doubt');
    expect((find('settings-open') as HTMLButtonElement).disabled).toBe(true);
    await touch('settings-open');
    expect(at()).toBe('paying/doubt');
  });
});

describe('a form', () => {
  test('is saved whole, or refused at its field with nothing lost', async () => {
    await open();
    await touch('settings-open');
    await type('shop-name', ' ');
    await touch('settings-save');
    expect(text('shop-name-wrong')).toBe('The shop needs a name: it stands on every receipt.');
    expect(fake.settings.name).toBe('«Көктем» дүкені');
    await type('shop-name', 'Jetisu');
    await touch('settings-save');
    expect(find('shop-name-wrong')).toBeNull();
    expect(text('settings-saved')).toContain('Saved');
    expect(fake.settings.name).toBe('Jetisu');
  });

  test('says what is wrong also when the setting stands on another page', async () => {
    await open();
    await touch('settings-open');
    await touch('currency-EUR');
    await touch('page-till');
    await touch('settings-save');
    expect(text('settings-refused')).toContain('A new currency needs a new till folder.');
    await touch('page-shop');
    expect(text('currency-wrong')).toContain('A new currency needs a new till folder.');
    await touch('settings-reset');
    expect(find('currency-wrong')).toBeNull();
  });

  test('outlives a look at the sale', async () => {
    await open();
    await touch('settings-open');
    await type('shop-city', 'Астана');
    await keys('Escape');
    await touch('settings-open');
    expect((find('shop-city') as HTMLInputElement).value).toBe('Астана');
    expect(find('settings-dirty')).not.toBeNull();
  });

  test('the second language of the receipt is never the first', async () => {
    await open();
    await touch('settings-open');
    await touch('receipt-first-ru');
    await touch('settings-save');
    expect(fake.settings.receiptLanguages).toEqual(['ru']);
    expect(find('receipt-second-ru')).toBeNull();
  });
});

describe('an import', () => {
  test('shows its progress on the sale and asks for the quick keys again when it is done', async () => {
    await open();
    await phase({ phase: 'taking', rows: '2 000', total: '4 000', percent: 50 });
    expect(text('import-strip')).toContain('2 000 of 4 000 rows');
    await touch('import-open');
    expect(at()).toBe('settings/goods-taking');
    expect(find('import-strip')).toBeNull();
    await touch('import-stop');
    expect(fake.calls.at(-1)?.command).toBe('import_stop');
    expect(at()).toBe('settings/goods-stopped');
  });

  test('with mistakes cannot be taken', async () => {
    await open();
    const counts = { added: '1', updated: '0', unchanged: '0' };
    const mistake = { row: '3', column: 'price', code: 'not_price', text: 'көп', other: '' } as const;
    await touch('settings-open');
    await touch('page-goods');
    await phase({ phase: 'ready', preview: { counts, changes: '1', mistakeCount: '1', cutShort: false, mistakes: [mistake], first: [] } });
    expect(text('import-mistake')).toBe('3Price“көп” is not a price.');
    expect(find('import-take')).toBeNull();
    await phase({ phase: 'ready', preview: { counts, changes: '1', mistakeCount: '0', cutShort: false, mistakes: [], first: [] } });
    await touch('import-take');
    expect(fake.calls.at(-1)?.command).toBe('import_take');
  });
});

test('a training till says so on every screen', async () => {
  await open();
  fake.training = true;
  till.accept(fake.view());
  await settle();
  expect(text('training-bar')).toContain('nothing here is a real sale');
  await touch('settings-open');
  expect(text('training-bar')).toContain('nothing here is a real sale');
});
