/** The goods of the demonstration shop. */
import type { QuickPage, SearchHit } from './contract';
import { tenge } from './fake-money';

export interface Good {
  id: number;
  code: string;
  name: string;
  short: string;
  price: bigint;
  unit: 'pcs' | 'kg';
}

type Row = [code: string, name: string, short: string, price: number, unit?: 'kg'];

const ROWS: Row[] = [
  ['4870001110013', 'Нан «Бородинский» нарезанный, 400 г', 'Бородино наны, 400 г', 285],
  ['4870001110020', 'Ақ нан, 500 г', 'Ақ нан, 500 г', 190],
  ['4870002220019', 'Сүт «Көктем» пастерленген 2,5 %, 1 л', 'Сүт «Көктем», 1 л', 610],
  ['4870002220026', 'Айран «Дала», 0,9 л', 'Айран «Дала», 0,9 л', 655],
  ['1000', 'Пакет-майка', 'Пакет-майка', 25],
  ['4870003330015', 'Жұмыртқа С1, 10 дана', 'Жұмыртқа С1, 10 дана', 890],
  ['4870002220033', 'Қаймақ 20 %, 400 г', 'Қаймақ 20 %, 400 г', 980],
  ['2001', 'Ірімшік «Көктем»', 'Ірімшік «Көктем», кг', 4350, 'kg'],
  ['4870002220040', 'Сары май 82,5 %, 200 г', 'Сары май 82,5 %, 200 г', 1490],
  ['4870002220057', 'Құрт «Дала» тұзды, 100 г', 'Құрт «Дала» тұзды, 100 г', 355],
  ['2002', 'Алма «Апорт»', 'Алма «Апорт», кг', 890, 'kg'],
  ['2003', 'Картоп', 'Картоп, кг', 260, 'kg'],
  ['2004', 'Пияз', 'Пияз, кг', 180, 'kg'],
  ['2005', 'Сәбіз', 'Сәбіз, кг', 240, 'kg'],
  ['2006', 'Банан', 'Банан, кг', 790, 'kg'],
  ['4870001250017', 'Шай «Арай» қара, түйіршіктелген, 250 г', 'Шай «Арай» қара, 250 г', 1190],
  ['4870004440011', 'Қант, 1 кг', 'Қант, 1 кг', 520],
  ['4870004440028', 'Ақмаржан күріш, 900 г', 'Ақмаржан күріш, 900 г', 640],
  ['4870004440035', 'Гречка ядрица, 800 г', 'Гречка ядрица, 800 г', 590],
  ['4870004440042', 'Ұн, жоғары сорт, 2 кг', 'Ұн, жоғары сорт, 2 кг', 780],
  ['4870009930023', 'Су газсыз, 1,5 л', 'Су газсыз, 1,5 л', 240],
  ['4870002220064', 'Қымыз «Саумал», 0,5 л', 'Қымыз «Саумал», 0,5 л', 1150],
  ['4870005550018', 'Газета «Егемен»', 'Газета «Егемен»', 150],
  ['4870006660017', 'Сіріңке', 'Сіріңке', 30],
  ['4870002220071', 'Балмұздақ пломбир', 'Балмұздақ пломбир', 420],
  ['4870001250024', 'Шай «Арай» жасыл, 100 г', 'Шай «Арай» жасыл, 100 г', 760],
  ['4870004410128', 'Арахис тұздалған, 150 г', 'Арахис тұздалған', 540],
  ['4870009930016', 'Сыра «Арасан» алкогольсіз, 0,5 л', 'Сыра «Арасан», 0,5 л', 480],
  ['4870009930030', 'Су «Арасан» газдалған, 1 л', 'Су «Арасан», 1 л', 310],
  ['4870002200055', 'Ұн «Арна» жоғары сорт, 2 кг', 'Ұн «Арна», 2 кг', 780],
];

export const GOODS: Good[] = ROWS.map(([code, name, short, price, unit], index) => ({
  id: index + 1,
  code,
  name,
  short,
  price: BigInt(price) * 100n,
  unit: unit ?? 'pcs',
}));

/** Quick keys by page: the everyday goods first, then by the place they stand in the shop. */
const PAGES: { name: string | null; from: number; to: number }[] = [
  { name: null, from: 0, to: 25 },
  { name: 'Нан', from: 0, to: 2 },
  { name: 'Сүт өнімдері', from: 5, to: 10 },
  { name: 'Көкөніс-жеміс', from: 10, to: 15 },
  { name: 'Шай, қант', from: 15, to: 20 },
  { name: 'Сусындар', from: 20, to: 22 },
  { name: 'Тұрмыстық', from: 22, to: 24 },
];

export function searched(text: string): SearchHit[] {
  const wanted = text.toLocaleLowerCase();
  return GOODS.filter((good) => good.name.toLocaleLowerCase().includes(wanted) || good.code.startsWith(wanted))
    .slice(0, 20)
    .map((good) => ({ itemId: good.id, name: good.name, lang: 'kk', code: good.code, price: tenge(good.price), unit: good.unit }));
}

export function quickPages(): QuickPage[] {
  return PAGES.map(({ name, from, to }) => ({
    name,
    keys: GOODS.slice(from, to).map((good) => ({ itemId: good.id, name: good.short, lang: 'kk', price: tenge(good.price) })),
  }));
}
