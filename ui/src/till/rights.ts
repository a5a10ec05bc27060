/** What the screen shows by the rights of who is signed in. It hides by them; Rust alone refuses by them. */
import type { Grant, RightCode, Session } from '../backend/contract';

const grant = (session: Session | null, right: RightCode): Grant | undefined => session?.rights.find((one) => one.right === right);

/** Alone, or with another person's word. In a training shop without people everything is allowed. */
export function may(session: Session | null, right: RightCode): boolean {
  if (session === null) return false;
  if (session.person === null) return true;
  const given = grant(session, right);
  return given !== undefined && (given.reach !== 'no' || given.liftable);
}

/** How far it goes alone: a limit, `none` where it takes another person every time, null where there is no end to it. */
export function limitOf(session: Session | null, right: RightCode): string | 'none' | null {
  const given = session?.person == null ? undefined : grant(session, right);
  if (given === undefined || given.reach === 'free') return null;
  return given.reach === 'no' ? 'none' : given.limit;
}
