/** The settings pages' side of the till: which page is open, the form as typed, and what became of the last save. */
import { asFailure, failure, type Backend } from '../backend/backend';
import type { About, Failure, Goods, Settings, SettingsFault, SettingsPage, View } from '../backend/contract';
import { t, type Key } from '../words';
import { Journal } from './journal.svelte';
import { People } from './people.svelte';
import { Terminal, type Form } from './terminal.svelte';

export type PageName = 'shop' | 'till' | 'kaspi' | 'goods' | 'people' | 'journal' | 'keys' | 'about';

const WRONG: Record<string, Key> = {
  'shop.name': 'settings_wrong_name',
  'shop.line_step': 'settings_wrong_line_step',
  'tax.default_percent': 'settings_wrong_vat',
  'till.id': 'settings_wrong_till',
  'devices.kaspi': 'settings_wrong_kaspi',
  'devices.kaspi.address': 'settings_wrong_address',
  'devices.kaspi.tls_name': 'settings_wrong_tls_name',
  'devices.kaspi.name': 'settings_wrong_kaspi_name',
  'devices.kaspi.time_scale': 'settings_wrong_simulator',
};
const HELD: Record<string, Key> = {
  'shop.currency': 'settings_held_currency',
  'devices.kaspi': 'settings_held_kaspi',
  'devices.kaspi.address': 'settings_held_kaspi',
};

const same = (one: Settings | null, other: Settings | null): boolean => JSON.stringify(one) === JSON.stringify(other);

export class Desk {
  /** The open page; null while the sale is on the screen. */
  page = $state<PageName | null>(null);
  /** The form as typed; it outlives a look at the sale. */
  form = $state<Settings | null>(null);
  choices = $state.raw<{ currencies: string[]; languages: string[] }>({ currencies: [], languages: [] });
  goods = $state.raw<Goods | null>(null);
  about = $state.raw<About | null>(null);
  /** The chosen goods file. */
  file = $state('');
  refused = $state.raw<{ path: string; fault: SettingsFault } | null>(null);
  saved = $state(false);
  failure = $state.raw<Failure | null>(null);
  readonly people: People;
  readonly journal: Journal;
  readonly terminal: Terminal;
  private stored = $state.raw<Settings | null>(null);

  constructor(
    private readonly backend: Backend,
    private readonly ask: (call: () => Promise<View>) => Promise<boolean>,
  ) {
    this.people = new People(backend);
    this.journal = new Journal(backend);
    this.terminal = new Terminal(backend, this.kaspiForm());
  }

  get dirty(): boolean {
    return !same(this.form, this.stored);
  }

  open(page: PageName): void {
    this.page = page;
    this.saved = false;
    this.leave();
    if (page === 'people') return void this.people.load();
    if (page === 'journal') return void this.journal.load();
    if (page === 'shop' || page === 'till' || page === 'kaspi') void this.showForm().then(() => (page === 'kaspi' ? this.terminal.look() : undefined));
    if (page === 'about') void this.load(() => this.backend.aboutShow(), (about) => (this.about = about));
  }

  close(): void {
    this.page = null;
    this.leave();
  }

  private leave(): void {
    this.people.leave();
    this.journal.leave();
    this.terminal.leave();
  }

  private async showForm(): Promise<void> {
    if (!this.dirty) await this.load(() => this.backend.settingsShow(), (shown) => this.take(shown));
  }

  /** What the set-up of the terminal may do with the form. */
  private kaspiForm(): Form {
    const desk = this;
    return {
      get kaspi() {
        return desk.form?.kaspi ?? null;
      },
      get tillName() {
        return desk.form?.till ?? '';
      },
      put: (kaspi) => {
        if (this.form !== null) this.form.kaspi = kaspi;
      },
      save: async () => {
        if (this.dirty) await this.save();
        return this.refused === null && this.failure === null;
      },
      reset: () => {
        if (this.form !== null) this.form.kaspi = structuredClone(this.stored?.kaspi ?? null);
        this.refused = null;
      },
    };
  }

  /** Esc: one step back. */
  back(): void {
    if (this.page !== 'people' || !this.people.back()) this.close();
  }

  /** Nobody is signed in: what was typed goes with them. */
  drop(): void {
    this.close();
    this.form = this.stored = null;
    this.goods = this.about = null;
    this.file = '';
    this.refused = this.failure = null;
    this.saved = false;
  }

  loadGoods(): void {
    void this.load(() => this.backend.goodsShow(), (goods) => (this.goods = goods));
  }

  private async load<T>(call: () => Promise<T>, show: (shown: T) => void): Promise<void> {
    this.failure = null;
    try {
      show(await call());
    } catch (reason) {
      this.failure = asFailure(reason);
    }
  }

  private take(shown: SettingsPage): void {
    this.stored = shown.settings;
    this.form = structuredClone(shown.settings);
    this.choices = { currencies: shown.currencies, languages: shown.languages };
    this.refused = null;
  }

  /** Back to what is stored. */
  reset(): void {
    this.form = structuredClone(this.stored);
    this.refused = null;
  }

  async save(): Promise<void> {
    const form = this.form;
    if (form === null) return;
    this.saved = false;
    await this.load(
      () => this.backend.settingsSave($state.snapshot(form)),
      (saving) => {
        if (saving.kind === 'refused') {
          this.refused = saving;
          return;
        }
        this.take(saving.page);
        this.saved = true;
      },
    );
  }

  /** What is wrong with the field of one of these settings; empty where nothing is. */
  wrong(...paths: string[]): string {
    return this.refused !== null && paths.includes(this.refused.path) ? this.refusal : '';
  }

  get refusal(): string {
    if (this.refused === null) return '';
    const key = (this.refused.fault === 'held' ? HELD : WRONG)[this.refused.path];
    return key === undefined ? t('settings_wrong_other', { path: this.refused.path }) : t(key);
  }

  async readFile(file: File): Promise<boolean> {
    this.file = file.name;
    this.failure = null;
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      return await this.ask(() => this.backend.importRead(bytes));
    } catch (reason) {
      // The stick was pulled out, or the file is not ours to read.
      this.failure = failure('file_unreadable', String(reason));
      return false;
    }
  }

  takeFile = (): Promise<boolean> => this.ask(() => this.backend.importTake());
  stopImport = (): Promise<boolean> => this.ask(() => this.backend.importStop());
  leaveImport = (): Promise<boolean> => this.ask(() => this.backend.importLeave());
  undoImport = (): Promise<boolean> => this.ask(() => this.backend.importUndo());
}
