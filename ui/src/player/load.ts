/** Gets a session and its spans, and keeps both true while the session goes on. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Session, SpanRow } from "@/api/types";
import { useLive } from "@/app/live";
import { FIRST, type Which } from "@/player/first";
import { firstQuery, sessionQuery } from "@/player/opening";
import { type Layout, layoutOf } from "@/player/reading/layout";
import { Reading } from "@/player/reading/reading";
import { stretchIn } from "@/player/reading/stretches";

export type { Which } from "@/player/first";

const PAINTED = 50;

export const useSession = (which: Which) => useQuery(sessionQuery(which));

export interface Loaded {
  layout: Layout;
  /** Whether no more of it is being read. */
  isWhole: boolean;
  /** Why the rest of it is not there. */
  failure: Error | null;
  retry: () => void;
}

/** The spans of a session: the first of them at once, the others as they come, and whatever changes in it anew. */
export function useLoaded(which: Which, isRunning: boolean) {
  const queries = useQueryClient();
  const first = useQuery({ ...firstQuery(which), refetchOnWindowFocus: false, refetchOnReconnect: false });
  const body = first.data;
  const begun = useMemo(() => (body ? begin(body) : null), [body]);
  const [later, setLater] = useState<Later>({ body: undefined, layout: null, isWhole: false, failure: null });
  const reading = useRef<Reading | null>(null);
  const isFollowed = useRef(isRunning);
  isFollowed.current = isRunning;

  const wanted = useCallback(() => {
    if (!body || !begun) return null;
    const add = (news: Partial<Later>) =>
      setLater((now) => ({
        ...(now.body === body ? now : { layout: null, isWhole: false }),
        failure: null,
        ...news,
        body,
      }));
    reading.current ??= new Reading(which, body, begun.layout.recording.count, {
      shown: (layout, isWhole) => {
        add({ layout, isWhole });
        // The sums of a session are told with it, and it is told only when its writer says something new of it.
        if (isFollowed.current) void queries.invalidateQueries({ queryKey: sessionQuery(which).queryKey });
        // Nothing will be added any more, and what the worker keeps takes room.
        if (isWhole && !isFollowed.current) letGo(reading);
      },
      failed: (failure) => add({ failure }),
    });
    return reading.current;
  }, [queries, which, body, begun]);
  useEffect(() => {
    // What is there is painted first.
    const timer = begun && !begun.isWhole ? setTimeout(() => wanted()?.readOn(), PAINTED) : undefined;
    return () => {
      clearTimeout(timer);
      letGo(reading);
    };
  }, [begun, wanted]);
  useFollowing(which, isRunning && begun !== null, (place) => wanted()?.renew(place));

  const fresh = later.body === body ? later : null;
  const loaded: Loaded | null = begun && {
    layout: fresh?.layout ?? begun.layout,
    isWhole: begun.isWhole || (fresh?.isWhole ?? false),
    failure: fresh?.failure ?? null,
    retry: () => wanted()?.readOn(),
  };
  return { loaded, error: first.error, retry: () => void first.refetch() };
}

/** What was read behind the first spans; `body` says of which. */
interface Later {
  body: ArrayBuffer | undefined;
  layout: Layout | null;
  isWhole: boolean;
  failure: Error | null;
}

function begin(body: ArrayBuffer): Pick<Loaded, "layout" | "isWhole"> {
  const stretch = stretchIn(body);
  return { layout: layoutOf([stretch]), isWhole: stretch.count < FIRST };
}

function letGo(reading: { current: Reading | null }): void {
  reading.current?.stop();
  reading.current = null;
}

/** While the session runs: whatever changes is read anew from the first place that changed. */
function useFollowing(which: Which, isOn: boolean, renew: (place: number) => void): void {
  const queries = useQueryClient();
  const isBegun = useRef(false);
  useLive(
    which.project,
    ({ name, data }) => {
      // What happened between the first answer and the beginning of the feed is in neither.
      if (!isBegun.current) renew(1);
      isBegun.current = true;
      if (name === "session") queries.setQueryData(sessionQuery(which).queryKey, data as Session);
      if (name === "span") renew((data as SpanRow).seq);
    },
    () => renew(1),
    { session: which.session, isOn },
  );
}
