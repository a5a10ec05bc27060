/** The people of the make-believe till: a practice shop without any, where everything is allowed. */
import type { PeoplePage, Proof, RoleCode, Session, View } from './contract';

export abstract class FakePeople {
  session: Session | null = { person: null, rights: [] };
  /** Every command in the order it came, for tests. */
  readonly calls: { command: string; args: unknown[] }[] = [];

  protected abstract changed(): View;

  protected did(command: string, ...args: unknown[]): void {
    this.calls.push({ command, args });
  }

  async ownerMake(name: string): Promise<View> {
    this.did('owner_make', name);
    return this.changed();
  }

  async sessionOpen(personId: string): Promise<View> {
    this.did('session_open', personId);
    return this.changed();
  }

  async sessionOpenByBadge(): Promise<View> {
    this.did('session_open_by_badge');
    return this.changed();
  }

  async sessionLock(): Promise<View> {
    this.did('session_lock');
    return this.changed();
  }

  async liftGive(refusalId: string, proof: Proof, reason: string): Promise<void> {
    this.did('lift_give', refusalId, proof.kind, reason);
  }

  async peopleShow(): Promise<PeoplePage> {
    return { people: [], roles: [], lockMinutes: 10 };
  }

  async personAdd(name: string, role: RoleCode): Promise<PeoplePage> {
    this.did('person_add', name, role);
    return this.peopleShow();
  }

  async personChange(personId: string, name: string, role: RoleCode): Promise<PeoplePage> {
    this.did('person_change', personId, name, role);
    return this.peopleShow();
  }

  async personSetPin(personId: string): Promise<PeoplePage> {
    this.did('person_set_pin', personId);
    return this.peopleShow();
  }

  async personSetBadge(personId: string): Promise<PeoplePage> {
    this.did('person_set_badge', personId);
    return this.peopleShow();
  }

  async personRemove(personId: string): Promise<PeoplePage> {
    this.did('person_remove', personId);
    return this.peopleShow();
  }
}
