import { describe, expect, test } from 'vitest';
import { KEY_LIST } from './key-list';
import { actOf, type Act, type Focus, type Place, type Press, type Where } from './keys';

const PLACES: Place[] = ['sale', 'edit', 'pad', 'list', 'paying', 'doubt', 'refused', 'done', 'dialog', 'settings', 'sign_in', 'lift'];
const FOCUSES: Focus[] = ['field', 'money', 'control', 'none'];
const press = (key: string, more: Partial<Press> = {}): Press => ({ key, code: key, shift: false, ctrl: false, alt: false, repeat: false, ...more });
const act = (key: string, place: Place, more: Partial<Press> = {}, focus: Focus = 'field', empty = true): Act | null => actOf(press(key, more), { place, focus, empty });

test('Enter never pays, wherever it is pressed', () => {
  for (const place of PLACES) {
    for (const focus of FOCUSES) {
      for (const empty of [true, false]) {
        const meant = act('Enter', place, {}, focus, empty);
        expect(meant?.kind).not.toBe('pay');
        // Left to the browser, Enter would fire the button that has the focus: that must be no money button.
        if (meant === null) expect(focus).toBe('control');
      }
    }
  }
});

test('a held key does nothing twice', () => {
  for (const place of PLACES) {
    for (const key of ['F9', 'F10', 'F6', 'Enter', 'Escape']) {
      expect(['nothing', undefined]).toContain(act(key, place, { repeat: true })?.kind);
    }
  }
});

test('F8 is never assigned', () => {
  for (const place of PLACES) expect(act('F8', place)).toEqual({ kind: 'nothing' });
});

describe('the map', () => {
  test.each<[string, Place, Partial<Press>, Act | null]>([
    ['1', 'sign_in', {}, { kind: 'digit', digit: '1' }],
    ['Enter', 'sign_in', {}, { kind: 'enter' }],
    ['Enter', 'lift', {}, { kind: 'nothing' }],
    ['Backspace', 'lift', {}, { kind: 'erase' }],
    ['F9', 'sign_in', {}, { kind: 'nothing' }],
    ['д', 'sale', { alt: true, code: 'KeyL' }, { kind: 'switch' }],
    ['F9', 'sale', {}, { kind: 'pay', slot: 'F9' }],
    ['F10', 'sale', {}, { kind: 'pay', slot: 'F10' }],
    ['F10', 'pad', {}, { kind: 'pay', slot: 'F10' }],
    ['F9', 'refused', {}, { kind: 'pay', slot: 'F9' }],
    ['F9', 'sale', { shift: true }, { kind: 'pay', slot: 'Shift F9' }],
    ['F9', 'paying', {}, { kind: 'nothing' }],
    ['F10', 'doubt', {}, { kind: 'nothing' }],
    ['F10', 'done', {}, { kind: 'nothing' }],
    ['F9', 'dialog', {}, { kind: 'nothing' }],
    ['F1', 'sale', {}, { kind: 'keys' }],
    ['F1', 'paying', {}, { kind: 'nothing' }],
    ['F9', 'settings', {}, { kind: 'nothing' }],
    ['Escape', 'settings', {}, { kind: 'back' }],
    ['Enter', 'settings', {}, { kind: 'nothing' }],
    ['7', 'settings', {}, null],
    ['F2', 'sale', {}, { kind: 'field' }],
    ['F3', 'sale', {}, { kind: 'quantity' }],
    ['F5', 'sale', {}, { kind: 'nothing' }],
    ['F6', 'doubt', {}, { kind: 'park' }],
    ['F6', 'sale', {}, { kind: 'park' }],
    ['F6', 'pad', {}, { kind: 'nothing' }],
    ['F7', 'sale', {}, { kind: 'list' }],
    ['F7', 'paying', {}, { kind: 'nothing' }],
    ['F9', 'list', {}, { kind: 'nothing' }],
    ['F4', 'sale', {}, { kind: 'price' }],
    ['F4', 'edit', { shift: true }, { kind: 'cart_discount' }],
    ['F4', 'refused', {}, { kind: 'nothing' }],
    ['ArrowRight', 'edit', {}, { kind: 'reason', by: 1 }],
    ['ArrowRight', 'sale', {}, null],
    ['Enter', 'list', {}, { kind: 'enter' }],
    ['Enter', 'sale', { ctrl: true }, { kind: 'by_price' }],
    ['Delete', 'list', {}, { kind: 'remove' }],
    ['Escape', 'paying', {}, { kind: 'back' }],
    ['Escape', 'dialog', {}, null],
    ['ArrowUp', 'sale', {}, { kind: 'up' }],
    ['ArrowDown', 'sale', {}, { kind: 'down' }],
    ['Delete', 'sale', {}, { kind: 'remove' }],
    ['z', 'sale', { ctrl: true, code: 'KeyZ' }, { kind: 'restore' }],
    ['я', 'sale', { ctrl: true, code: 'KeyZ' }, { kind: 'restore' }],
    ['а', 'sale', {}, { kind: 'type' }],
    ['7', 'sale', {}, { kind: 'type' }],
    ['7', 'paying', {}, null],
    ['Enter', 'sale', {}, { kind: 'enter' }],
    ['Enter', 'paying', {}, { kind: 'nothing' }],
    ['Tab', 'sale', {}, null],
  ])('%s in %s', (key, place, more, expected) => {
    expect(act(key, place, more)).toEqual(expected);
  });
});

test('Del with text in the field edits the text', () => {
  expect(act('Delete', 'sale', {}, 'field', false)).toBeNull();
});

test('Space fires the focused control, and types only in the field', () => {
  expect(act(' ', 'sale', {}, 'money')).toBeNull();
  expect(act(' ', 'sale', {}, 'field')).toEqual({ kind: 'type' });
});

test('the list of keys tells what the keys do, and no function key is left out', () => {
  const where = (place: Place): Where => ({ place, focus: 'none', empty: true });
  const listed = KEY_LIST.flatMap(({ place, rows }) => rows.map(({ press }) => ({ place, press })));
  for (const { place, press } of listed) {
    if (press === undefined) continue;
    const act = actOf({ key: '', code: '', shift: false, ctrl: false, alt: false, repeat: false, ...press }, where(place));
    expect(act?.kind ?? 'nothing', `${JSON.stringify(press)} in ${place}`).not.toBe('nothing');
  }
  for (let number = 1; number <= 12; number += 1) {
    for (const shift of [false, true]) {
      const act = actOf({ key: `F${number}`, code: '', shift, ctrl: false, alt: false, repeat: false }, where('sale'));
      const paysNobody = act?.kind === 'pay' && !['F9', 'F10'].includes(act.slot);
      if (act?.kind === 'nothing' || paysNobody) continue;
      expect(listed.some(({ press }) => press?.key === `F${number}` && (press.shift ?? false) === shift), `F${number} ${shift}`).toBe(true);
    }
  }
});
