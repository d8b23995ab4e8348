/** Which sessions are chosen for what is done with several at once. */

import type { Session } from "@/api/types";

export type Chosen = ReadonlyMap<string, Session>;

/** What tells a session from all others: its project and its id. */
export function keyOf(session: Pick<Session, "project" | "id">): string {
  return `${session.project}\n${session.id}`;
}

/** With the session, or without it when it was chosen. */
export function turned(chosen: Chosen, session: Session): Chosen {
  const next = new Map(chosen);
  if (!next.delete(keyOf(session))) next.set(keyOf(session), session);
  return next;
}

/** With all of these. */
export function added(chosen: Chosen, sessions: Iterable<Session>): Chosen {
  const next = new Map(chosen);
  for (const session of sessions) next.set(keyOf(session), session);
  return next;
}

/** With what is newly known of those that are chosen, and without those that are gone. */
export function renewed(chosen: Chosen, changed: ReadonlyMap<string, Session | null>): Chosen {
  if (![...changed.keys()].some((key) => chosen.has(key))) return chosen;
  const next = new Map(chosen);
  for (const [key, session] of changed) {
    if (!next.has(key)) continue;
    if (session) next.set(key, session);
    else next.delete(key);
  }
  return next;
}
