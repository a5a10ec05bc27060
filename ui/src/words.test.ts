import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { locale } from './locale.svelte';
import { amountWords, offered, plural, spokenAmount, t } from './words';

type Catalogue = Record<string, string>;
const read = (name: string): Catalogue => JSON.parse(readFileSync(`messages/${name}.json`, 'utf8')) as Catalogue;
const en = read('en');
const FORM = /\.(zero|one|two|few|many|other)$/;
const placeholders = (sentence: string): string => [...new Set(sentence.match(/\{\w+\}/g))].sort().join(' ');

afterEach(() => {
  locale.code = 'en';
});

test('the first shops speak Kazakh, Russian and English', () => {
  expect([...offered].sort()).toEqual(['en', 'kk', 'ru']);
});

test.each(offered.map((code) => [code]))('%s has every sentence, with the same values in it', (code) => {
  const catalogue = read(code);
  const base = (key: string): string => key.replace(FORM, '');
  expect([...new Set(Object.keys(catalogue).map(base))].sort()).toEqual([...new Set(Object.keys(en).map(base))].sort());
  for (const [key, sentence] of Object.entries(catalogue)) {
    expect(sentence.trim(), key).not.toBe('');
    expect(placeholders(sentence), key).toBe(placeholders(en[key] ?? en[`${base(key)}.other`] ?? ''));
    expect(sentence.split('**').length % 2, `${key}: ** in pairs`).toBe(1);
  }
});

test.each(offered.map((code) => [code]))('%s has exactly the plural forms its language knows', (code) => {
  const catalogue = read(code);
  const forms = [...new Intl.PluralRules(code).resolvedOptions().pluralCategories].sort();
  const bases = new Set(Object.keys(catalogue).filter((key) => FORM.test(key)).map((key) => key.replace(FORM, '')));
  for (const base of bases) {
    expect(forms.filter((form) => `${base}.${form}` in catalogue), base).toEqual(forms);
    expect(Object.keys(catalogue).filter((key) => key.startsWith(`${base}.`)), base).toHaveLength(forms.length);
  }
});

test('counts take the form of their language', () => {
  expect([1, 2].map((count) => plural('lines', count))).toEqual(['1 line', '2 lines']);
  locale.code = 'ru';
  expect([1, 3, 6, 21].map((count) => plural('lines', count))).toEqual(['1 строка', '3 строки', '6 строк', '21 строка']);
  expect(plural('items', '8,746')).toBe('8,746 шт.');
});

test('no sentence blames, shouts or says error', () => {
  for (const [key, sentence] of Object.entries(en)) {
    if (!key.startsWith('receipt_')) expect(sentence, key).not.toMatch(/!|\berror\b/i);
  }
});

test('an amount keeps its sign, and is read with its currency name', () => {
  const amount = { figures: '4\u00a0870', sign: '₸' };
  expect(amountWords(amount)).toBe('4\u00a0870\u00a0₸');
  expect(spokenAmount(amount)).toBe('4870 tenge');
});

test('an unknown locale falls back to English', () => {
  locale.code = 'xx';
  expect(t('pay_cash')).toBe('Cash');
});
