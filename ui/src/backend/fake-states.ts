/** Ready-made situations, picked by the address fragment. */
import type { FakeTill } from './fake-till';
import { GOODS, type Good } from './fake-goods';
import { approve, MOMENTS, newAttempt } from './fake-kaspi';
import { parseTenge, tenge } from './fake-money';
import { emptySale } from './fake-sale';

const good = (code: string): Good => GOODS.find((one) => one.code === code)!;

function fill(till: FakeTill): void {
  till.put(good('4870002220019'), 2000n);
  till.put(good('4870001110013'));
  till.put(good('2002'), 746n);
  till.put(good('4870003330015'));
  till.put(good('4870001250017'));
  till.put(good('4870002220057'), 2000n);
}

/** `empty lines long split removed parked done-change done-exact done-kaspi done-split`, or a moment of a Kaspi payment. */
export function arrange(till: FakeTill, state: string): void {
  if (state === 'empty') return;
  fill(till);
  const moment = MOMENTS[state];
  if (moment !== undefined) {
    till.settle(moment(newAttempt(till.sale.ticket, tenge(till.due()))));
    return;
  }
  switch (state) {
    case 'long':
      for (let round = 0; round < 9; round += 1) fill(till);
      return;
    case 'split':
      till.sale.tenders.push({ tender: 'cash', name: 'Cash', amount: 200_000n });
      return;
    case 'removed':
      till.sale.remove(4);
      return;
    case 'parked': {
      const attempt = MOMENTS['doubt']!(newAttempt(till.sale.ticket, tenge(till.due())));
      const parked = till.sale;
      till.sale = emptySale(parked.number + 1);
      till.parked = { sale: parked, attempt };
      fill(till);
      return;
    }
    case 'done-change':
      till.sale.tenders.push({ tender: 'cash', name: 'Cash', amount: till.due() });
      till.close(parseTenge('10000'));
      return;
    case 'done-exact':
      till.sale.tenders.push({ tender: 'cash', name: 'Cash', amount: till.due() });
      till.close(till.sale.lines.reduce((sum, line) => sum + line.amount, 0n));
      return;
    case 'done-split':
      till.sale.tenders.push({ tender: 'cash', name: 'Cash', amount: 200_000n });
      till.settle(approve(newAttempt(till.sale.ticket, tenge(till.due()))));
      return;
    case 'done-kaspi':
      till.settle(approve(newAttempt(till.sale.ticket, tenge(till.due()))));
      return;
  }
}
