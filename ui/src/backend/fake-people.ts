/** The people of the make-believe till. To begin with a practice shop without any, where everything is allowed. */
import { failure } from './backend';
import type { Failure, FailureCode, Grant, JournalPage, JournalState, JournalTopic, PeoplePage, PersonTile, PinWait, PriceChange, Proof, RightCode, RoleCode, Session, View } from './contract';
import { FakeJournal } from './fake-journal';

interface Person {
  id: string;
  name: string;
  role: RoleCode;
  pin: string;
  badge: string | null;
  wrong: number;
  /** On the clock of `performance.now()`. */
  waitsUntil: number;
}

const TRIES = 5;
const ROLES: RoleCode[] = ['cashier', 'senior', 'supervisor', 'owner'];
const RIGHTS: RightCode[] = ['sell', 'discount', 'price_change', 'refund', 'void', 'drawer', 'cash_move', 'doubt', 'settings', 'people'];
/** Percent of a discount or a price, amount of a refund; what is missing here is free or not at all. */
const LIMITS: Record<RoleCode, Partial<Record<RightCode, number>>> = {
  cashier: { discount: 10, refund: 5000 },
  senior: { discount: 20, price_change: 20, refund: 20_000 },
  supervisor: { discount: 50 },
  owner: {},
};
const FREE: Record<RoleCode, RightCode[]> = {
  cashier: ['sell'],
  senior: ['sell', 'void', 'drawer', 'cash_move'],
  supervisor: ['sell', 'price_change', 'refund', 'void', 'drawer', 'cash_move', 'doubt', 'settings'],
  owner: RIGHTS,
};
const NEVER_LIFTED: RightCode[] = ['settings', 'people'];
const leastDigits = (role: RoleCode): number => (role === 'supervisor' || role === 'owner' ? 6 : 4);

function grantOf(role: RoleCode, right: RightCode): Grant {
  const limit = LIMITS[role][right];
  const liftable = !NEVER_LIFTED.includes(right) && role !== 'owner';
  if (limit !== undefined) return { right, reach: 'up_to', limit: right === 'refund' ? `${limit} ₸` : `${limit} %`, liftable };
  const free = FREE[role].includes(right);
  return { right, reach: free ? 'free' : 'no', limit: null, liftable: liftable && !free };
}

const tile = ({ id, name, role }: Person): PersonTile => ({ id, name, role });
const SIGNED_OUT = ['owner_make', 'session_open', 'session_open_by_badge', 'session_lock', 'locale_set', 'window_close'];

export abstract class FakePeople {
  readonly journal = new FakeJournal();
  session: Session | null = { person: null, rights: [] };
  people: Person[] = [];
  last: string | null = null;
  /** Every command in the order it came, for tests; a PIN is never among the arguments. */
  readonly calls: { command: string; args: unknown[] }[] = [];
  private refusals = 0;
  private asked: RightCode | null = null;
  private lifted: RightCode | null = null;

  protected abstract changed(): View;
  /** How many percent a change takes off; zero for one that takes nothing. */
  protected abstract percentOff(change: PriceChange): bigint;

  protected did(command: string, ...args: unknown[]): void {
    this.calls.push({ command, args });
    if (this.session === null && !SIGNED_OUT.includes(command)) throw failure('sign_in_needed');
    if (command === 'price_change') {
      const change = args[0] as PriceChange;
      this.need(change.kind === 'line' ? 'price_change' : 'discount', this.percentOff(change));
    }
    if (command === 'sale_discard') this.need('void');
    if (command === 'attempt_resolve') this.need('doubt');
    if (command === 'settings_save') this.need('settings');
    if (command.startsWith('person_')) this.need('people');
  }

  /** Refuses what goes beyond the right of who is signed in, unless another has just allowed it. */
  private need(right: RightCode, asked: bigint | null = null): void {
    const person = this.session?.person ?? null;
    if (person === null) return;
    const grant = grantOf(person.role, right);
    const limit = LIMITS[person.role][right];
    if (grant.reach === 'free' || (limit !== undefined && asked !== null && asked <= limit)) return;
    if (this.lifted === right) {
      this.lifted = null;
      return;
    }
    if (!grant.liftable) throw failure('not_allowed');
    this.asked = right;
    const able = this.people.filter((one) => {
      const most = LIMITS[one.role][right];
      return one.id !== person.id && (FREE[one.role].includes(right) || (most !== undefined && asked !== null && asked <= most));
    });
    this.refusals += 1;
    const approval = { refusalId: `refusal-${this.refusals}`, right, limit: grant.limit, asked: asked === null ? null : `${asked} %`, people: able.map(tile) };
    throw { ...failure('needs_approval'), approval } satisfies Failure;
  }

  /** A shop with people in it, and somebody or nobody at the till. */
  employ(signedIn: string | null = null): void {
    const hire = (id: string, name: string, role: RoleCode, pin: string, badge: string | null = null): Person => ({ id, name, role, pin, badge, wrong: 0, waitsUntil: 0 });
    this.people = [
      hire('aigerim', 'Айгерім Сәбитова', 'cashier', '1234', 'BADGE-AIGERIM'),
      hire('nurlan', 'Нұрлан Өмірзақов', 'cashier', '2345'),
      hire('madina', 'Мадина Қалиева', 'senior', '3456'),
      hire('sergei', 'Сергей Ким', 'cashier', '4567'),
      hire('gulnar', 'Гүлнар Ахметова', 'supervisor', '567890', '7700112233'),
      hire('erzhan', 'Ержан Тілеуберді', 'owner', '678901'),
    ];
    this.enter(this.people.find((person) => person.id === signedIn));
  }

  /** Who is at the till now; nobody without a person. */
  enter(person: Person | undefined): void {
    this.last = this.session?.person?.id ?? this.last;
    this.session = person === undefined ? null : { person: tile(person), rights: RIGHTS.map((right) => grantOf(person.role, right)) };
  }

  private check(person: Person | undefined, right: boolean, code: FailureCode): Person {
    if (person === undefined) throw failure(code);
    if (person.waitsUntil > performance.now()) throw { ...failure(code), pin: this.wait(person) } satisfies Failure;
    if (right) {
      person.wrong = 0;
      return person;
    }
    person.wrong += 1;
    if (person.wrong >= TRIES) person.waitsUntil = performance.now() + 60_000 * 2 ** (person.wrong - TRIES);
    throw { ...failure(code), pin: this.wait(person) } satisfies Failure;
  }

  private wait(person: Person): PinWait {
    const triesLeft = Math.max(0, TRIES - person.wrong);
    return { triesLeft, waitMs: Math.max(0, person.waitsUntil - performance.now()), nextWaitMinutes: 2 ** Math.max(0, person.wrong + 1 - TRIES) };
  }

  private proven(proof: Proof): Person {
    if (proof.kind === 'badge') return this.check(this.people.find((one) => one.badge === proof.badge), true, 'unknown_badge');
    const person = this.people.find((one) => one.id === proof.personId);
    return this.check(person, person?.pin === proof.pin, 'wrong_pin');
  }

  async ownerMake(name: string, pin: string): Promise<View> {
    this.did('owner_make', name);
    const person = this.hired(name, 'owner', pin);
    this.people = [person];
    this.enter(person);
    return this.changed();
  }

  async sessionOpen(personId: string, pin: string): Promise<View> {
    this.did('session_open', personId);
    this.enter(this.proven({ kind: 'pin', personId, pin }));
    return this.changed();
  }

  async sessionOpenByBadge(badge: string): Promise<View> {
    this.did('session_open_by_badge', badge);
    this.enter(this.proven({ kind: 'badge', badge }));
    return this.changed();
  }

  async sessionLock(): Promise<View> {
    this.did('session_lock');
    this.enter(undefined);
    return this.changed();
  }

  async liftGive(refusalId: string, proof: Proof, reason: string): Promise<void> {
    this.did('lift_give', refusalId, proof.kind, reason);
    if (refusalId !== `refusal-${this.refusals}`) throw failure('approval_gone');
    this.proven(proof);
    this.lifted = this.asked;
  }

  private hired(name: string, role: RoleCode, pin: string): Person {
    if (name.trim() === '' || this.people.some((one) => one.name === name)) throw failure('bad_name');
    if (pin.length < leastDigits(role)) throw failure('bad_pin');
    return { id: `person-${this.people.length + 1}`, name, role, pin, badge: null, wrong: 0, waitsUntil: 0 };
  }

  private find(id: string): Person {
    const person = this.people.find((one) => one.id === id);
    if (person === undefined) throw failure('not_found');
    return person;
  }

  private lastOwner(person: Person): boolean {
    return person.role === 'owner' && this.people.filter((one) => one.role === 'owner').length === 1;
  }

  async journalShow(personId: string | null, topic: JournalTopic | null, day: string | null, before: number | null): Promise<JournalPage> {
    this.did('journal_show', personId, topic, day, before);
    return this.journal.show(personId, topic, day, before, this.people);
  }

  async journalVerify(): Promise<JournalState> {
    this.did('journal_verify');
    return this.journal.state;
  }

  async peopleShow(): Promise<PeoplePage> {
    const people = this.people.map((person) => ({
      ...tile(person),
      hasBadge: person.badge !== null,
      own: person.id === this.session?.person?.id,
      lastOwner: this.lastOwner(person),
      waitMs: Math.max(0, person.waitsUntil - performance.now()),
    }));
    return { people, roles: ROLES.map((role) => ({ role, leastPinDigits: leastDigits(role), rights: RIGHTS.map((right) => grantOf(role, right)) })), lockMinutes: 10 };
  }

  async personAdd(name: string, role: RoleCode, pin: string): Promise<PeoplePage> {
    this.did('person_add', name, role);
    this.people.push(this.hired(name, role, pin));
    return this.peopleShow();
  }

  async personChange(personId: string, name: string, role: RoleCode, pin: string | null): Promise<PeoplePage> {
    this.did('person_change', personId, name, role);
    const person = this.find(personId);
    if (this.people.some((one) => one !== person && one.name === name)) throw failure('bad_name');
    if ((pin ?? person.pin).length < leastDigits(role)) throw failure('bad_pin');
    if (role !== 'owner' && this.lastOwner(person)) throw failure('last_owner');
    Object.assign(person, { name, role, pin: pin ?? person.pin });
    return this.peopleShow();
  }

  async personSetPin(personId: string, pin: string): Promise<PeoplePage> {
    this.did('person_set_pin', personId);
    const person = this.find(personId);
    if (pin.length < leastDigits(person.role)) throw failure('bad_pin');
    person.pin = pin;
    return this.peopleShow();
  }

  async personSetBadge(personId: string, badge: string | null): Promise<PeoplePage> {
    this.did('person_set_badge', personId);
    const person = this.find(personId);
    if (badge !== null && this.people.some((one) => one.badge === badge)) throw failure('bad_badge');
    person.badge = badge;
    return this.peopleShow();
  }

  async personRemove(personId: string): Promise<PeoplePage> {
    this.did('person_remove', personId);
    const person = this.find(personId);
    if (this.lastOwner(person)) throw failure('last_owner');
    this.people = this.people.filter((one) => one !== person);
    return this.peopleShow();
  }
}
