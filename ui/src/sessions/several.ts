/** To do something to several sessions, one after the other, and to tell what came of it. */

import type { Session } from "@/api/types";

export interface Progress {
  done: number;
  of: number;
  failed: { session: Session; error: Error }[];
}

/** Do it to each; one that fails is told and does not hold up the others. */
export async function each(
  sessions: Iterable<Session>,
  act: (session: Session) => Promise<void>,
  tell: (progress: Progress) => void,
): Promise<Progress> {
  const all = [...sessions];
  const progress: Progress = { done: 0, of: all.length, failed: [] };
  tell({ ...progress });
  for (const session of all) {
    try {
      await act(session);
    } catch (error) {
      progress.failed.push({ session, error: error instanceof Error ? error : new Error(String(error)) });
    }
    progress.done += 1;
    tell({ ...progress, failed: [...progress.failed] });
  }
  return progress;
}
