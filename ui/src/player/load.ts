/** Gets a session and its spans, and keeps both true while the session goes on. */

import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef } from "react";

import { get } from "@/api/client";
import type { Session, SpanColumns, SpanRow } from "@/api/types";
import { useLive } from "@/app/live";

const MOST = 100_000;
const PATIENCE = 400;
const MOST_FAILURES = 5;

export interface Which {
  session: string;
  project: string | undefined;
}

const columnsKey = ({ session, project }: Which) => ["columns", project, session] as const;
const sessionKey = ({ session, project }: Which) => ["session", project, session] as const;

export function useSession(which: Which) {
  return useQuery({
    queryKey: sessionKey(which),
    queryFn: ({ signal }) => get<Session>(`/sessions/${which.session}`, { project: which.project }, signal),
  });
}

/** The spans, as the stretches of columns they come in. */
export function useColumns(which: Which) {
  return useQuery({
    queryKey: columnsKey(which),
    queryFn: ({ signal }) => readFrom(which, 1, signal),
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}

async function readFrom({ session, project }: Which, first: number, signal?: AbortSignal): Promise<SpanColumns[]> {
  const found: SpanColumns[] = [];
  for (let start = first; ; start += MOST) {
    const one = await get<SpanColumns>(`/sessions/${session}/columns`, { project, start, limit: MOST }, signal);
    found.push(one);
    if (one.count < MOST) return found;
  }
}

/** While the session runs: whatever changes is read anew from the first place that changed. */
export function useFollowing({ session, project }: Which, isRunning: boolean): void {
  const queries = useQueryClient();
  const renew = useMemo(() => renewal(queries, { session, project }), [queries, session, project]);
  const isBegun = useRef(false);
  useLive(
    project,
    ({ name, data }) => {
      // What happened between the first answer and the beginning of the feed is in neither.
      if (!isBegun.current) renew(1);
      isBegun.current = true;
      if (name === "session") queries.setQueryData(sessionKey({ session, project }), data as Session);
      if (name === "span") renew((data as SpanRow).seq);
    },
    () => renew(1),
    { session, isOn: isRunning },
  );
}

/** Gathers places that changed for a moment and reads once from the first of them. */
function renewal(queries: QueryClient, which: Which): (seq: number) => void {
  let first = Number.POSITIVE_INFINITY;
  let waits = false;
  let failures = 0;
  const read = async () => {
    const from = Math.max(1, first);
    first = Number.POSITIVE_INFINITY;
    try {
      const known = queries.getQueryData<SpanColumns[]>(columnsKey(which)) ?? [];
      const start = Math.min(from, known.reduce((sum, one) => sum + one.count, 0) + 1);
      const fresh = await readFrom(which, start);
      queries.setQueryData(columnsKey(which), [...cut(known, start), ...fresh]);
      // The sums of a session are told with it, and it is told only when its writer says something new of it.
      void queries.invalidateQueries({ queryKey: sessionKey(which) });
      failures = 0;
    } catch {
      // When the server is back the feed is too, and with it the next reason to read.
      failures += 1;
      if (failures < MOST_FAILURES) first = Math.min(first, from);
    }
    waits = false;
    if (first < Number.POSITIVE_INFINITY) wait();
  };
  const wait = () => {
    if (waits) return;
    waits = true;
    setTimeout(() => void read(), pauseOf(queries.getQueryData<SpanColumns[]>(columnsKey(which))));
  };
  return (seq) => {
    first = Math.min(first, seq);
    wait();
  };
}

/** The more there is to lay out anew, the longer one waits for more to come. */
function pauseOf(known: SpanColumns[] = []): number {
  return PATIENCE + known.reduce((sum, one) => sum + one.count, 0) / 50;
}

/** The stretches before a place. */
export function cut(stretches: readonly SpanColumns[], place: number): SpanColumns[] {
  return stretches.flatMap((one) => {
    const keep = Math.min(one.count, place - one.first);
    return keep <= 0 ? [] : keep === one.count ? [one] : [shortened(one, keep)];
  });
}

function shortened(one: SpanColumns, count: number): SpanColumns {
  const told = Object.entries(one).map(([name, column]) => {
    if (Array.isArray(column)) return [name, column.slice(0, count)];
    if (column && typeof column === "object" && "at" in column)
      return [name, { ...column, at: column.at.slice(0, count) }];
    return [name, column];
  });
  const outer = Object.entries(one.outer_parents).filter(([place]) => Number(place) < one.first + count);
  return { ...(Object.fromEntries(told) as SpanColumns), count, outer_parents: Object.fromEntries(outer) };
}
