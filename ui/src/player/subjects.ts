/** What the tools in sight act on: asked of the server in blocks, when the list rests, and once each. */

import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { get } from "@/api/client";
import type { Subjects } from "@/api/types";
import { usePainted } from "@/design/later";
import type { Which } from "@/player/load";
import { type Recording, wordOf } from "@/player/model/recording";

/** So many spans are asked for at once. */
const BLOCK = 128;
/** Whoever scrolls on does not read it. */
const REST = 120;
/** The kinds of spans that the server tells it of. */
const ACTING = new Set(["tool", "mcp", "retrieval"]);

/** The blocks that hold tools among these spans, in order. */
export function blocksOf(recording: Recording, spans: Iterable<number>): number[] {
  const blocks = new Set<number>();
  for (const index of spans) if (ACTING.has(wordOf(recording.kind, index) ?? "")) blocks.add(Math.floor(index / BLOCK));
  return [...blocks].sort((a, b) => a - b);
}

/** What each of the spans in sight acts on, as far as it is known. */
export function useSubjects(which: Which, recording: Recording | null, inSight: Int32Array): (index: number) => string {
  const isPainted = usePainted();
  const told = useMemo(() => (recording ? blocksOf(recording, inSight).join(" ") : ""), [recording, inSight]);
  const [blocks, setBlocks] = useState<readonly number[]>([]);
  useEffect(() => {
    if (!isPainted) return;
    const timer = setTimeout(() => setBlocks(told ? told.split(" ").map(Number) : []), REST);
    return () => clearTimeout(timer);
  }, [told, isPainted]);
  const count = recording?.count ?? 0;
  return useQueries({
    queries: blocks.map((block) => {
      // While a session runs, its last block grows.
      const many = Math.min(BLOCK, count - block * BLOCK);
      return {
        queryKey: ["subjects", which.project, which.session, block, many],
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          get<Subjects>(
            `/sessions/${encodeURIComponent(which.session)}/subjects`,
            { project: which.project, start: block * BLOCK + 1, limit: BLOCK },
            signal,
          ),
        staleTime: Number.POSITIVE_INFINITY,
        enabled: many > 0,
      };
    }),
    combine: lookedUp,
  });
}

function lookedUp(answers: readonly { data: Subjects | undefined }[]): (index: number) => string {
  const known = Object.assign({}, ...answers.map(({ data }) => data?.subjects)) as Record<string, string>;
  return (index) => known[index + 1] ?? "";
}
