/**
 * All text on the screen comes through here: `t('key', { values })` for a sentence, `plural` where a count decides its form.
 * Amounts and names are values put into whole sentences; a sentence is never joined from parts.
 */
import en from '../messages/en.json';
import kk from '../messages/kk.json';
import locales from '../messages/locales.json';
import ru from '../messages/ru.json';
import { locale } from './locale.svelte';

export type Key = keyof typeof en;
/** Keys that come in plural forms, named without the form. */
export type PluralKey = Key extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;
type Values = Record<string, string | number>;

const catalogues: Record<string, Record<string, string>> = { en, kk, ru };

/** Locales whose catalogue is complete, in the order they are offered. */
export const offered: readonly string[] = locales.complete;

export function fill(sentence: string, values: Values): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function sentence(code: string, key: string): string | undefined {
  return (catalogues[code] ?? en as Record<string, string>)[key];
}

export function t(key: Key, values: Values = {}): string {
  return fill(sentence(locale.code, key) ?? en[key], values);
}

/** The same word in a locale that is not the chosen one: a language is named in itself. */
export function tIn(code: string, key: Key): string {
  return sentence(code, key) ?? en[key];
}

/** A count may arrive as text ("8" items, or "8,746"); what is no whole number takes the general form. */
export function plural(key: PluralKey, count: number | string, values: Values = {}): string {
  const rules = new Intl.PluralRules(locale.code);
  const form = rules.select(Number(count));
  const words = sentence(locale.code, `${key}.${form}`) ?? sentence('en', `${key}.other`) ?? '';
  return fill(words, { count, ...values });
}

/** "1 л" at the end of a name stays on one line. */
export function unbroken(name: string): string {
  return name.replace(/(\d) (\S{1,4})(?=$|,)/g, '$1\u00a0$2');
}

type Amount = { figures: string; sign: string };

/** An amount inside a sentence; the space before the sign never breaks. */
export function amountWords(amount: Amount): string {
  return amount.sign === '' ? amount.figures : `${amount.figures}\u00a0${amount.sign}`;
}

/** An amount for a screen reader: figures in one piece, the currency by name. */
export function spokenAmount(amount: Amount): string {
  const figures = amount.figures.replace(/\s/g, '');
  return amount.sign === '₸' || amount.sign === 'тг' ? `${figures} ${t('spoken_tenge')}` : `${figures} ${amount.sign}`.trim();
}
