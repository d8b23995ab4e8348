/** Hears the live feed while the component is there and the page is seen. */

import { useEffect, useRef } from "react";

import { type LiveEvent, listen } from "@/api/live";

/**
 * Tell each event of a project or of all, or only of a session; nothing while it is not on.
 *
 * A page that nobody sees does not listen: browsers open only six connections to a server, and many tabs would take
 * them all. `back` is told when it listens again, because something may have been missed.
 */
export function useLive(
  project: string | undefined,
  tell: (event: LiveEvent) => void,
  back?: () => void,
  { session, isOn = true }: { session?: string; isOn?: boolean } = {},
): void {
  const latest = useRef({ tell, back });
  latest.current = { tell, back };
  useEffect(() => {
    if (!isOn) return;
    let stop: AbortController | null = null;
    const turn = () => {
      if (document.hidden) {
        stop?.abort();
        stop = null;
      } else if (!stop) {
        stop = new AbortController();
        void listen({ project, session_id: session }, (event) => latest.current.tell(event), stop.signal);
      }
    };
    const onTurn = () => {
      turn();
      if (!document.hidden) latest.current.back?.();
    };
    turn();
    document.addEventListener("visibilitychange", onTurn);
    return () => {
      document.removeEventListener("visibilitychange", onTurn);
      stop?.abort();
    };
  }, [project, session, isOn]);
}
