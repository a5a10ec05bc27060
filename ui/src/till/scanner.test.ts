import { describe, expect, test } from 'vitest';
import { decode, DEAF_MS, FASTEST_HAND_MS, LEAST_LENGTH, Scanner, SILENCE_MS, type Stroke, type Verdict } from './scanner';

const digit = (character: string, at: number): Stroke => ({ code: `Digit${character}`, key: character, shift: false, ctrl: false, at });
const enter = (at: number): Stroke => ({ code: 'Enter', key: 'Enter', shift: false, ctrl: false, at });

/** Types digits with a gap between them, then Enter after another gap. */
function type(text: string, gapMs: number, enterGapMs = gapMs): Verdict {
  const scanner = new Scanner();
  let at = 1000;
  for (const character of text) {
    expect(scanner.press(digit(character, at))).toEqual({ kind: 'key' });
    at += gapMs;
  }
  return scanner.press(enter(at - gapMs + enterGapMs));
}

describe('a burst ended by Enter', () => {
  test.each([
    ['4870001250017', 1, 'scan'],
    ['4870001250017', 30, 'scan'],
    ['123456', 30, 'scan'],
    ['12345', 5, 'short'],
    ['4870001250017', 31, 'key'],
    ['4870001250017', 80, 'key'],
    ['123456', 101, 'key'],
    ['1', 1, 'key'],
  ])('%s at %i ms is a %s', (text, gap, kind) => {
    expect(type(text, gap).kind).toBe(kind);
  });

  test('the whole code comes out', () => {
    expect(type('4870001250017', 4)).toEqual({ kind: 'scan', text: '4870001250017' });
  });

  test('Enter long after the code is an ordinary Enter', () => {
    expect(type('4870001250017', 4, SILENCE_MS + 1).kind).toBe('key');
  });
});

test.each(['CapsLock', 'NumLock', 'ScrollLock', 'AltGraph', 'Alt', 'Meta', 'Shift', 'Control'])('%s beside a code neither ends nor spoils it', (key) => {
  const scanner = new Scanner();
  const code = '4870001250017';
  [...code].forEach((character, index) => {
    if (index === 0 || index === 6) scanner.press({ code: key, key, shift: false, ctrl: false, at: 1000 + index * 5 });
    expect(scanner.press(digit(character, 1001 + index * 5))).toEqual({ kind: 'key' });
  });
  scanner.press({ code: key, key, shift: false, ctrl: false, at: 1064 });
  expect(scanner.press(enter(1065))).toEqual({ kind: 'scan', text: code });
});

test('silence ends a burst as well', () => {
  const scanner = new Scanner();
  [...'4870001250017'].forEach((character, index) => scanner.press(digit(character, 1000 + index * 3)));
  expect(scanner.idle()).toBe('4870001250017');
  expect(scanner.idle()).toBeNull();
});

test('a stall inside a code does not cut it in two', () => {
  const scanner = new Scanner();
  let at = 0;
  [...'4870001250017'].forEach((character, index) => scanner.press(digit(character, (at += index === 7 ? 90 : 5))));
  expect(scanner.press(enter(at + 5))).toEqual({ kind: 'scan', text: '4870001250017' });
});

test('a pay key right behind a scan finds the scan taken first', () => {
  const scanner = new Scanner();
  [...'4870001'].forEach((character, index) => scanner.press(digit(character, index * 5)));
  expect(scanner.press({ code: 'F10', key: 'F10', shift: false, ctrl: false, at: 40 })).toEqual({ kind: 'scan', text: '4870001' });
});

test('two scans in a row stay two', () => {
  const scanner = new Scanner();
  const codes: string[] = [];
  let at = 0;
  for (const code of ['4870001110013', '4870002220019']) {
    for (const character of code) scanner.press(digit(character, (at += 2)));
    const verdict = scanner.press(enter((at += 2)));
    if (verdict.kind === 'scan') codes.push(verdict.text);
  }
  expect(codes).toEqual(['4870001110013', '4870002220019']);
});

test('whatever the rhythm: a scan is long enough and faster than a hand, and nothing else is', () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 2000; round += 1) {
    const length = 1 + random(20);
    const gaps = Array.from({ length: length - 1 }, () => random(70));
    const scanner = new Scanner();
    let at = 5000;
    scanner.press(digit('1', at));
    for (const gap of gaps) scanner.press(digit('2', (at += gap)));
    const average = gaps.length === 0 ? 0 : gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const expected = length >= LEAST_LENGTH && average <= FASTEST_HAND_MS;
    expect(scanner.press(enter(at + 1)).kind === 'scan', `${gaps.join(' ')}`).toBe(expected);
  }
});

describe('keys are read by their place', () => {
  test.each([
    ['Digit2', 'ә', false, false, '2'],
    ['Digit8', 'ү', false, false, '8'],
    ['KeyQ', 'й', false, false, 'q'],
    ['KeyQ', 'Й', true, false, 'Q'],
    ['Digit4', '%', true, false, '$'],
    ['Minus', 'ө', false, false, '-'],
    ['Numpad7', '7', false, false, '7'],
    ['NumpadDecimal', ',', false, false, '.'],
    ['BracketRight', ']', false, true, '\u001d'],
    ['KeyC', 'c', false, true, null],
    ['F9', 'F9', false, false, null],
    ['Enter', 'Enter', false, false, null],
    ['', '7', false, false, '7'],
  ])('%s (%s) shift %s ctrl %s gives %s', (code, key, shift, ctrl, expected) => {
    expect(decode({ code, key, shift, ctrl })).toBe(expected);
  });
});

test('pay keys stay deaf longer than a scan takes to end', () => {
  expect(DEAF_MS).toBeGreaterThan(SILENCE_MS);
});
