import { asFailure, type Backend } from './backend';
import { KASPI_SCRIPTS, type KaspiScript } from './fake-kaspi';
import { arrange } from './fake-states';
import { FakeTill } from './fake-till';

/** The demonstration in a browser: `#state=doubt&locale=ru&kaspi=decline`; `as=nobody` or a person's id for a shop with people, `as=first` for one with nobody yet. */
export function fakeBackend(fragment: string): Backend {
  const wish = new URLSearchParams(fragment.replace(/^#/, ''));
  const kaspi = (wish.get('kaspi') ?? 'approve') as KaspiScript;
  const till = new FakeTill({ kaspi: kaspi in KASPI_SCRIPTS ? kaspi : 'approve', paceMs: 3000 });
  till.locale = wish.get('locale') ?? 'en';
  till.training = wish.has('training');
  try {
    arrange(till, wish.get('state') ?? 'lines');
  } catch (reason) {
    console.error(asFailure(reason));
  }
  const as = wish.get('as');
  if (as === 'first') till.session = null;
  else if (as !== null) till.employ(as);
  return till;
}
