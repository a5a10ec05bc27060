import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Attempt, AttemptState, Reason } from '../backend/contract';
import { newAttempt } from '../backend/fake-kaspi';
import { locale } from '../locale.svelte';
import { offered } from '../words';
import { doubtHeadline, refusedHeadline, whatHappened } from './reasons';

const contract = readFileSync('src/backend/contract.ts', 'utf8');
const reasons = [...(/export type Reason =([^;]+);/.exec(contract)?.[1] ?? '').matchAll(/"(\w+)"/g)].map((match) => match[1] as Reason);
const amount = { figures: '4\u00a0870', sign: '₸' };
const attempt = (state: AttemptState, reason: Reason | null, more: Partial<Attempt> = {}): Attempt => ({ ...newAttempt('1042', amount), state, reason, changedAt: '14:05:31', ...more });

afterEach(() => {
  locale.code = 'en';
});

test('the contract names reasons', () => {
  expect(reasons.length).toBeGreaterThan(20);
});

describe.each(offered.map((code) => [code]))('in %s', (code) => {
  test('each reason says what happened, differently from the others', () => {
    locale.code = code;
    const sentences = reasons.map((reason) => whatHappened(attempt('unknown', reason)));
    for (const sentence of sentences) {
      expect(sentence).toContain('4\u00a0870\u00a0₸');
      expect(sentence).not.toMatch(/[{}]/);
    }
    expect(new Set(sentences).size).toBe(reasons.length);
  });

  test('each refusal has whole sentences', () => {
    locale.code = code;
    for (const state of ['not_started', 'declined', 'cancelled'] as const) {
      for (const reason of [...reasons, null]) {
        const { say, sub, safe } = refusedHeadline(attempt(state, reason, { deviceMessage: 'text.' }));
        for (const words of [say, sub, safe]) expect(words).toMatch(/^[^{}]{8,}$/);
      }
    }
  });
});

test('a refusal says in its title that no money moved', () => {
  for (const state of ['not_started', 'declined', 'cancelled'] as const) {
    for (const reason of reasons.filter((one) => one !== 'by_hand')) {
      expect(refusedHeadline(attempt(state, reason)).say).toMatch(/Nothing was (charged|sent)$|No money was taken$/);
    }
  }
});

test('no doubt promises an outcome', () => {
  for (const reason of reasons) expect(doubtHeadline(attempt('unknown', reason)).say).not.toMatch(/no money|nothing was/i);
});

test('money that came late, or against a decision, has words of its own', () => {
  expect(doubtHeadline(attempt('declined', 'by_hand', { late: true })).say).toContain('after all');
  expect(doubtHeadline(attempt('approved', 'declined_by_bank', { contradicted: true })).say).toContain('says otherwise');
});

test('a wrong amount names both sums', () => {
  const headline = doubtHeadline(attempt('unknown', 'wrong_amount', { answered: { figures: '4\u00a0780', sign: '₸' } }));
  expect(headline.say).toBe('The terminal answered 4\u00a0780\u00a0₸, the sale is 4\u00a0870\u00a0₸');
  expect(headline.sub).toBe('Money was taken, but not what was asked. Do not charge again. Call a supervisor.');
});

test('with no question planned a person must look', () => {
  const planned = attempt('unknown', 'cut', { asking: { count: 1, lastAt: null, nextInMs: 7000 } });
  const none = attempt('unknown', 'cut', { asking: { count: 9, lastAt: null, nextInMs: null } });
  expect(doubtHeadline(planned).sub).toBe('Do not charge again. Kassa asks the terminal by itself.');
  expect(doubtHeadline(none).sub).toContain('look at the terminal');
});
