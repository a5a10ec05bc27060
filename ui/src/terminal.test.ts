/** The page of the Kaspi terminal on a make-believe till. */
import { afterEach, describe, expect, test } from 'vitest';
import { arranged, at, close, fake, find, keys, settle, show, text, touch, type } from '../test-window';

afterEach(close);

async function open(set: () => void = () => {}): Promise<void> {
  await show(arranged('lines'));
  set();
  await touch('settings-open');
  await touch('page-kaspi');
}

const step = (): string | undefined => find('kaspi-step')?.dataset['step'];
const trouble = (): string | undefined => find('kaspi-trouble')?.dataset['code'];
const trial = (): string | undefined => find('kaspi-trial')?.dataset['step'];
const isOff = (name: string): boolean => (find(name) as HTMLButtonElement).disabled;

/** Through a set-up that has nothing to change, to the trial of 1 ₸. */
async function tryOut(): Promise<void> {
  await touch('kaspi-set-up');
  await touch('kaspi-next');
  await touch('kaspi-next');
  await touch('kaspi-next');
  await touch('kaspi-try');
}

describe('a terminal that is set up', () => {
  test('says how it stands, and keeps quiet about what is well', async () => {
    await open();
    expect(at()).toBe('settings/kaspi');
    expect(find('kaspi-ready')?.dataset['ready']).toBe('true');
    expect(text('kaspi-permission')).toBe('givenuntil 2026-11-23 08:10:00, by the terminal’s clock');
    expect(trouble()).toBeUndefined();
  });

  test('says what stands in the way and what to do', async () => {
    await open(() => (fake.terminal.trouble = 'not_reached'));
    expect(find('kaspi-ready')?.dataset['ready']).toBe('false');
    expect(text('kaspi-trouble')).toContain('The terminal does not answer at this address');
  });

  test('its permission is forgotten by two presses, not by one', async () => {
    await open();
    await touch('kaspi-forget');
    expect(fake.terminal.permission).toBe('let_in');
    await touch('kaspi-forget');
    expect(fake.terminal.permission).toBe('none');
    expect(trouble()).toBe('not_let_in');
  });

  test('is taken away by two presses, and can be set up again', async () => {
    await open();
    await touch('kaspi-remove');
    await touch('kaspi-remove');
    expect(fake.settings.kaspi).toBeNull();
    expect(find('kaspi-none')).not.toBeNull();
    await touch('kaspi-set-up');
    expect(step()).toBe('address');
    expect(isOff('kaspi-next')).toBe(true);
  });
});

describe('the set-up', () => {
  test('finds the terminal, waits for the press and ends with a test', async () => {
    await open(() => {
      fake.settings.kaspi = null;
      fake.terminal.permission = 'none';
    });
    await touch('kaspi-set-up');
    await touch('kaspi-find');
    expect(document.querySelectorAll("[data-test='kaspi-found']")).toHaveLength(2);
    await touch('kaspi-found');
    expect((find('kaspi-address') as HTMLInputElement).value).toBe('192.168.1.40:8080');
    await touch('kaspi-next');
    expect(step()).toBe('security');
    await touch('kaspi-next');
    expect(fake.settings.kaspi).toMatchObject({ address: '192.168.1.40:8080', security: 'strict', name: 'Kassa-2' });
    expect(step()).toBe('register');
    expect(isOff('kaspi-next')).toBe(true);
    await touch('kaspi-register');
    expect(text('kaspi-waiting')).toContain('Waiting for “Allow” on the terminal');
    fake.terminal.press();
    await settle();
    await touch('kaspi-next');
    expect(step()).toBe('test');
    expect(find('kaspi-proven')).not.toBeNull();
    await touch('kaspi-next');
    expect(find('kaspi-ready')?.dataset['ready']).toBe('true');
  });

  test('a payment of 1 ₸ comes and goes by one press', async () => {
    await open();
    await tryOut();
    expect(trial()).toBe('returned');
    expect(text('kaspi-trial')).toContain('Receipts 17 and 18');
    expect(fake.calls.filter((call) => call.command === 'kaspi_try')).toHaveLength(2);
    expect(new Set(fake.calls.map((call) => call.args[0])).size).toBe(fake.calls.length);
  });

  test('what was not paid is tried anew; what was not given back is given back alone', async () => {
    await open(() => {
      fake.terminal.trialSteps = [
        { step: 'not_paid', receipt: null, refund: null, said: 'Отмена' },
        { step: 'paid', receipt: '17', refund: null, said: '' },
        { step: 'paid', receipt: '17', refund: null, said: 'Нет связи с банком' },
        { step: 'returned', receipt: '17', refund: '18', said: '' },
      ];
    });
    await tryOut();
    expect(trial()).toBe('not_paid');
    expect(text('kaspi-trial')).toContain('The terminal says: “Отмена”.');
    await touch('kaspi-try');
    expect(trial()).toBe('paid');
    expect(text('kaspi-trial')).toContain('1 ₸ is paid by receipt 17 and not given back');
    await touch('kaspi-try');
    expect(trial()).toBe('returned');
    expect(fake.calls.filter((call) => call.command === 'kaspi_try')).toHaveLength(4);
  });

  test('a trial in doubt is not tried again', async () => {
    await open(() => (fake.terminal.trialSteps = [{ step: 'payment_open', receipt: null, refund: null, said: '' }]));
    await tryOut();
    expect(trial()).toBe('payment_open');
    expect(isOff('kaspi-try')).toBe(true);
  });

  test('nobody need wait for the press', async () => {
    await open(() => (fake.terminal.permission = 'none'));
    await touch('kaspi-set-up');
    await touch('kaspi-next');
    await touch('kaspi-next');
    await touch('kaspi-register');
    expect(isOff('kaspi-back')).toBe(true);
    await touch('kaspi-give-up');
    expect(trouble()).toBe('given_up');
    expect(isOff('kaspi-next')).toBe(true);
    // Who leaves the page gives up, too.
    await touch('kaspi-register');
    expect(find('kaspi-waiting')).not.toBeNull();
    await touch('page-about');
    await touch('page-kaspi');
    expect(step()).toBeUndefined();
    expect(trouble()).toBe('not_let_in');
  });

  test('an open terminal has nothing to register', async () => {
    await open(() => (fake.terminal.permission = 'not_needed'));
    await touch('kaspi-set-up');
    await touch('kaspi-next');
    await touch('kaspi-open');
    expect(document.querySelectorAll("[data-test='kaspi-step'] li")).toHaveLength(3);
    await touch('kaspi-next');
    expect(step()).toBe('test');
    await touch('kaspi-back');
    expect(step()).toBe('security');
  });

  test('a key is shown and compared before it is trusted', async () => {
    await open(() => (fake.terminal.permission = 'none'));
    await touch('kaspi-set-up');
    await touch('kaspi-next');
    await touch('kaspi-pinned');
    await touch('kaspi-next');
    await touch('kaspi-register');
    expect(trouble()).toBe('key_to_compare');
    const key = text('kaspi-key');
    await touch('kaspi-trust');
    expect(fake.calls.at(-1)).toEqual({ command: 'kaspi_register', args: [key] });
    expect(find('kaspi-waiting')).not.toBeNull();
  });

  test('a machine without a keychain asks for a passphrase, and shows none of it', async () => {
    await open(() => {
      fake.terminal.permission = 'none';
      fake.terminal.passphrase = '';
    });
    await touch('kaspi-set-up');
    await touch('kaspi-next');
    await touch('kaspi-next');
    await touch('kaspi-register');
    expect(trouble()).toBe('passphrase_missing');
    expect((find('kaspi-passphrase') as HTMLInputElement).type).toBe('password');
    await type('kaspi-passphrase', 'қызыл алма');
    await touch('kaspi-unlock');
    expect(fake.terminal.passphrase).toBe('қызыл алма');
    await touch('kaspi-register');
    expect(find('kaspi-waiting')).not.toBeNull();
  });

  test('what is typed and not saved leaves the rest of the settings as typed', async () => {
    await show(arranged('lines'));
    await touch('settings-open');
    await type('shop-city', 'Астана');
    await touch('page-kaspi');
    await touch('kaspi-set-up');
    await type('kaspi-address', '10.0.0.9:8080');
    await keys('Escape');
    await touch('settings-open');
    expect((find('shop-city') as HTMLInputElement).value).toBe('Астана');
    await touch('page-kaspi');
    await touch('kaspi-set-up');
    expect((find('kaspi-address') as HTMLInputElement).value).toBe('192.168.1.40:8080');
  });
});
