/** The list of sessions: read in pages as it is scrolled, and changed by what the live feed tells. */

import { type QueryClient, useQueries, useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { get, type Page } from "@/api/client";
import type { LiveEvent } from "@/api/live";
import type { Session } from "@/api/types";
import { useLive } from "@/app/live";
import { keyOf } from "@/sessions/chosen";
import { FIRST, isWhole, offsetsOf, type PageKnown, pageAt, read } from "@/sessions/known";

export interface Question {
  q: string;
  project: string | undefined;
}

export const ROW = 34;
export const HEADER = 32;
const PAGE = 100;
/** Pages that are out of sight are soon forgotten, so that a long scroll does not fill the memory. */
const FORGET_AFTER = 15_000;
const TOGETHER = 250;
const NEAR_TOP = 3 * ROW;

/** Where somebody was in a list, for when they come back. Gone with the tab. */
const places = new Map<string, { known: readonly PageKnown[]; top: number }>();

/** Changes of sessions by their keys; null for those that were deleted. */
export type Changes = ReadonlyMap<string, Session | null>;

function keyOfList(question: Question) {
  return ["sessions", "list", question.project ?? null, question.q] as const;
}

function pageOf(question: Question, cursor: string | null) {
  return {
    queryKey: [...keyOfList(question), cursor],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      get<Page<Session>>("/sessions", { q: question.q, project: question.project, limit: PAGE, cursor }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: FORGET_AFTER,
    refetchOnWindowFocus: false,
  };
}

export function useList(
  question: Question,
  scroller: RefObject<HTMLDivElement | null>,
  onChange: (changes: Changes) => void,
) {
  const queries = useQueryClient();
  const name = JSON.stringify(keyOfList(question));
  const [known, setKnown] = useState<readonly PageKnown[]>(() => places.get(name)?.known ?? FIRST);
  const offsets = useMemo(() => offsetsOf(known), [known]);
  const rows = useVirtualizer({
    count: offsets.at(-1) ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
    scrollPaddingStart: HEADER,
    initialOffset: places.get(name)?.top ?? 0,
  });
  const shown = rows.getVirtualItems();
  const first = pageAt(offsets, shown[0]?.index ?? 0);
  const last = pageAt(offsets, shown.at(-1)?.index ?? 0);
  const pages = useQueries({
    queries: known.slice(first, last + 1).map(({ cursor }) => pageOf(question, cursor)),
  });

  const state = pages.map((page) => page.dataUpdatedAt).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list of answers is new each time; `state` tells when one is
  useEffect(() => {
    setKnown((before) => {
      let after = before;
      for (const [place, { data }] of pages.entries()) {
        if (data) after = read(after, first + place, data.items.length, data.next);
      }
      return after;
    });
  }, [state, first]);

  useEffect(() => {
    const element = scroller.current;
    return () => void places.set(name, { known, top: element?.scrollTop ?? 0 });
  }, [name, known, scroller]);

  const rowAt = (index: number): Session | undefined => {
    const page = pageAt(offsets, index);
    return pages[page - first]?.data?.items[index - (offsets[page] ?? 0)];
  };
  /** The sessions from one row to another that were read, and are read again where they were forgotten. */
  const between = async (from: number, to: number): Promise<Session[]> => {
    const sessions: Session[] = [];
    for (let page = pageAt(offsets, from); page <= pageAt(offsets, to); page += 1) {
      const at = known[page];
      if (!at || at.rows === null) continue;
      const { items } = await queries.fetchQuery(pageOf(question, at.cursor));
      const begin = offsets[page] ?? 0;
      sessions.push(...items.slice(Math.max(0, from - begin), to - begin + 1));
    }
    return sessions;
  };
  const newer = useNewer(question, queries, scroller, onChange);
  return {
    rows,
    rowAt,
    between,
    count: offsets.at(-1) ?? 0,
    isWhole: isWhole(known),
    error: pages.find((page) => page.error && !page.data)?.error ?? null,
    isLoading: pages[0]?.isPending ?? true,
    retry: () => void queries.refetchQueries({ queryKey: keyOfList(question), type: "active" }),
    ...newer,
  };
}

/** Whether there are sessions that began since the list was read; near its top they come in by themselves. */
function useNewer(
  question: Question,
  queries: QueryClient,
  scroller: RefObject<HTMLDivElement | null>,
  onChange: (changes: Changes) => void,
) {
  const [hasNewer, setNewer] = useState(false);
  const pending = useRef(new Map<string, Session | null>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const readAgain = () => {
    setNewer(false);
    void queries.refetchQueries({ queryKey: [...keyOfList(question), null], exact: true });
  };
  const come = () => {
    if ((scroller.current?.scrollTop ?? 0) < NEAR_TOP) readAgain();
    else setNewer(true);
  };
  const flush = () => {
    timer.current = undefined;
    const changes = new Map(pending.current);
    pending.current.clear();
    const unseen = change(queries, question, changes);
    onChange(changes);
    if (unseen) come();
  };
  useLive(
    question.project,
    (event) => {
      note(event, pending.current, come);
      if (pending.current.size) timer.current ??= setTimeout(flush, TOGETHER);
    },
    come,
  );
  return { hasNewer, readAgain };
}

function note(event: LiveEvent, pending: Map<string, Session | null>, come: () => void): void {
  if (event.name === "session") {
    const session = event.data as Session;
    pending.set(keyOf(session), session);
  } else if (event.name === "deleted") {
    const { project, session } = event.data as { project: string; session: string | null };
    if (session) pending.set(keyOf({ project, id: session }), null);
    else come();
  }
}

/** Put changes into the pages that were read. Returns whether a session began that none of them holds. */
export function change(queries: QueryClient, question: Question, changes: Changes): boolean {
  const held = new Set<string>();
  let newest = 0n;
  queries.setQueriesData<Page<Session>>({ queryKey: keyOfList(question) }, (page) => {
    if (!page) return page;
    const items = page.items.flatMap((session) => {
      const key = keyOf(session);
      held.add(key);
      const started = BigInt(session.started);
      if (started > newest) newest = started;
      const changed = changes.get(key);
      return changed === undefined ? [session] : changed === null ? [] : [changed];
    });
    return items.some((session, place) => session !== page.items[place]) || items.length < page.items.length
      ? { ...page, items }
      : page;
  });
  return [...changes].some(([key, session]) => session && !held.has(key) && BigInt(session.started) >= newest);
}
