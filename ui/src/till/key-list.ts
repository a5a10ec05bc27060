/** The keys a cashier may press, place by place: what the list of keys shows. A test holds it against the keyboard map. */
import type { Key } from '../words';
import type { Place, Press } from './keys';

export interface KeyRow {
  /** As printed on the caps; those between them are pressed one after the other. */
  caps: string[];
  words: Key;
  /** The key itself, for the test; none where no single key stands for the row. */
  press?: Partial<Press>;
}

export const KEY_LIST: { words: Key; place: Place; rows: KeyRow[] }[] = [
  {
    words: 'keys_sale',
    place: 'sale',
    rows: [
      { caps: ['F2'], words: 'keys_field', press: { key: 'F2' } },
      { caps: ['Enter'], words: 'keys_enter', press: { key: 'Enter' } },
      { caps: ['↑', '↓'], words: 'keys_choose', press: { key: 'ArrowUp' } },
      { caps: ['3', 'F3'], words: 'keys_quantity', press: { key: 'F3' } },
      { caps: ['F4'], words: 'keys_price', press: { key: 'F4' } },
      { caps: ['Shift F4'], words: 'keys_cart_discount', press: { key: 'F4', shift: true } },
      { caps: ['Ctrl Enter'], words: 'keys_by_price', press: { key: 'Enter', ctrl: true } },
      { caps: ['Del'], words: 'keys_remove', press: { key: 'Delete' } },
      { caps: ['Ctrl Z'], words: 'keys_restore', press: { key: 'z', code: 'KeyZ', ctrl: true } },
      { caps: ['F6'], words: 'keys_park', press: { key: 'F6' } },
      { caps: ['F7'], words: 'keys_parked', press: { key: 'F7' } },
      { caps: ['Esc'], words: 'keys_back', press: { key: 'Escape' } },
      { caps: ['Alt L'], words: 'session_switch', press: { key: 'l', code: 'KeyL', alt: true } },
      { caps: ['F1'], words: 'keys_title', press: { key: 'F1' } },
    ],
  },
  {
    words: 'keys_pay',
    place: 'sale',
    rows: [
      { caps: ['F9'], words: 'keys_kaspi', press: { key: 'F9' } },
      { caps: ['F10'], words: 'keys_cash', press: { key: 'F10' } },
      { caps: ['5000', 'F10'], words: 'keys_tendered' },
    ],
  },
  { words: 'keys_device', place: 'paying', rows: [{ caps: ['Esc'], words: 'keys_stop', press: { key: 'Escape' } }] },
  { words: 'keys_doubt', place: 'doubt', rows: [{ caps: ['F6'], words: 'keys_park_doubt', press: { key: 'F6' } }] },
];
