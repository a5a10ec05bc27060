/** The page of people: who is chosen, the form as typed, and what became of it. PINs leave the form with every answer. */
import { asFailure, type Backend } from '../backend/backend';
import type { FailureCode, PeoplePage, PersonRow, RoleCode, RoleRow } from '../backend/contract';
import { t } from '../words';

export type PersonField = 'name' | 'role' | 'pin' | 'again' | 'badge' | 'page';
const FIELDS: Partial<Record<FailureCode, PersonField>> = { bad_name: 'name', bad_pin: 'pin', bad_badge: 'badge', last_owner: 'role' };

export class People {
  page = $state.raw<PeoplePage | null>(null);
  /** When it came, on the clock of `performance.now()`: waits in it are counted on from here. */
  pageAt = $state(0);
  /** The person in the form; `new` is one to be added. */
  chosen = $state<string | null>(null);
  name = $state('');
  role = $state<RoleCode>('cashier');
  pin = $state('');
  again = $state('');
  /** A scan is the chosen person's badge. */
  awaiting = $state(false);
  /** The removal waits for a second press. */
  sure = $state(false);
  saved = $state(false);
  private refused = $state.raw<{ field: PersonField; words: string } | null>(null);

  constructor(private readonly backend: Backend) {}

  get row(): PersonRow | undefined {
    return this.page?.people.find((person) => person.id === this.chosen);
  }

  get roleRow(): RoleRow | undefined {
    return this.page?.roles.find((one) => one.role === this.role);
  }

  /** What is wrong with a field; empty where nothing is. */
  wrong(field: PersonField): string {
    return this.refused?.field === field ? this.refused.words : '';
  }

  get refusal(): string {
    return this.refused?.words ?? '';
  }

  load(): Promise<boolean> {
    return this.ask(() => this.backend.peopleShow());
  }

  add(): void {
    this.edit('new', '', 'cashier');
  }

  choose(person: PersonRow): void {
    this.edit(person.id, person.name, person.role);
  }

  close(): void {
    this.edit(null, '', 'cashier');
  }

  private edit(id: string | null, name: string, role: RoleCode): void {
    this.chosen = id;
    this.name = name;
    this.role = role;
    this.pin = this.again = '';
    this.awaiting = this.sure = this.saved = false;
    this.refused = null;
  }

  /** The page is left, or the till is locked. */
  leave(): void {
    this.close();
    this.page = null;
  }

  /** Esc: true when there was something to step back from. */
  back(): boolean {
    if (this.awaiting) this.awaiting = false;
    else if (this.sure) this.sure = false;
    else if (this.chosen !== null) this.close();
    else return false;
    return true;
  }

  async save(): Promise<void> {
    const { row, role } = this;
    const name = this.name.trim();
    const pin = this.pin;
    if (this.missing(name)) return;
    if (this.chosen === 'new') {
      if (await this.ask(() => this.backend.personAdd(name, role, pin))) this.close();
      return;
    }
    if (row === undefined) return;
    const same = name === row.name && role === row.role;
    if (same && pin === '') return;
    const call = same ? () => this.backend.personSetPin(row.id, pin) : () => this.backend.personChange(row.id, name, role, pin === '' ? null : pin);
    if (await this.ask(call)) this.saved = true;
  }

  /** What can be told without asking the till; the rest the till refuses. */
  private missing(name: string): boolean {
    const least = this.roleRow?.leastPinDigits ?? 0;
    const typed = this.pin !== '' || this.chosen === 'new';
    if (name === '') this.refused = { field: 'name', words: t('people_name_missing') };
    else if (typed && this.pin.length < least) this.refused = { field: 'pin', words: t('people_pin_short', { digits: least }) };
    else if (this.pin !== this.again) this.refused = { field: 'again', words: t('pin_differs') };
    else return false;
    if (this.refused.field !== 'name') this.pin = this.again = '';
    return true;
  }

  awaitBadge(): void {
    this.awaiting = true;
    this.sure = this.saved = false;
    this.refused = null;
  }

  async setBadge(badge: string | null): Promise<void> {
    const id = this.row?.id;
    this.awaiting = false;
    if (id !== undefined) await this.ask(() => this.backend.personSetBadge(id, badge));
  }

  /** The first press asks, the second removes. */
  async remove(): Promise<void> {
    const id = this.row?.id;
    if (id === undefined) return;
    if (!this.sure) {
      this.sure = true;
      return;
    }
    this.sure = false;
    if (await this.ask(() => this.backend.personRemove(id))) this.close();
  }

  private async ask(call: () => Promise<PeoplePage>): Promise<boolean> {
    this.refused = null;
    this.saved = false;
    try {
      this.page = await call();
      this.pageAt = performance.now();
      return true;
    } catch (reason) {
      const { code } = asFailure(reason);
      this.refused = { field: FIELDS[code] ?? 'page', words: t(`failure_${code}`) };
      return false;
    } finally {
      this.pin = this.again = '';
    }
  }
}
