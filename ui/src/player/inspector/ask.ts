/** What the inspector asks the server about a span. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { get } from "@/api/client";
import type { Conversation, Exchange, Span, Turn } from "@/api/types";
import type { Which } from "@/player/load";
import { idOf, type Recording, wordOf } from "@/player/model/recording";
import { usePlayer } from "@/player/state";

/** How long the cursor rests before a span is asked for: who steps waits for it, who drags is still on the way. */
const STEPPED = 90;
const DRAGGED = 220;
const FOR_GOOD = Number.POSITIVE_INFINITY;
/** Bodies longer than this are read in parts, and only where they are looked at. */
export const LARGEST = 1_000_000;

/** A span as its addresses name it. */
export interface SpanName {
  path: string;
  project: string | undefined;
  /** Whether more of it may come. */
  isOpen: boolean;
}

export function nameOf(recording: Recording, index: number, which: Which): SpanName {
  return {
    path: `/spans/${wordOf(recording.trace, index)}/${idOf(recording, index)}`,
    project: which.project,
    isOpen: Number.isNaN(recording.end[index]),
  };
}

/** The index of the selected span, once the cursor rests on it: who holds a key down asks for the last one only. */
export function useSettledSpan(): number {
  const [settled, setSettled] = useState(() => usePlayer.getState().selected);
  // Heard without React, so that nothing is rendered while the cursor moves.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    setSettled(usePlayer.getState().selected);
    const stop = usePlayer.subscribe(({ selected, cursor, recording }, before) => {
      if (selected === before.selected) return;
      clearTimeout(timer);
      timer = setTimeout(() => setSettled(selected), recording?.start[selected] === cursor ? STEPPED : DRAGGED);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
  return settled;
}

function useAsked<Answer>(span: SpanName, what: string, query: Record<string, number> = {}, isWanted = true) {
  return useQuery({
    queryKey: ["span", span.project, span.path, what, span.isOpen],
    queryFn: ({ signal }) => get<Answer>(`${span.path}${what}`, { project: span.project, ...query }, signal),
    enabled: isWanted,
    staleTime: span.isOpen ? 0 : FOR_GOOD,
    structuralSharing: false,
  });
}

export function useSpan(span: SpanName) {
  return useQuery({
    queryKey: ["span", span.project, span.path, "", span.isOpen],
    queryFn: ({ signal }) => get<Span>(span.path, { project: span.project }, signal),
    staleTime: span.isOpen ? 0 : FOR_GOOD,
    placeholderData: keepPreviousData,
  });
}

export const useExchange = (span: SpanName, isWanted: boolean) =>
  useAsked<Exchange>(span, "/call", { largest: LARGEST }, isWanted);

export const useTurn = (span: SpanName, isWanted: boolean) => useAsked<Turn | null>(span, "/turn", {}, isWanted);

export const useMessages = (span: SpanName, isWanted: boolean) =>
  useAsked<Conversation | null>(span, "/messages", { limit: 10_000 }, isWanted);
