/** Places that someone or something marked: checkpoints of the program, and where its last replay parted. */

import type { Job, SpanRow } from "@/api/types";
import { verdictIn } from "@/player/fork/verdicts";

export interface Mark {
  index: number;
  name: string;
}

/** In the order of their places. */
export interface Marks {
  checkpoint: readonly Mark[];
  divergence: readonly Mark[];
}

export type Marked = keyof Marks;

export const NO_MARKS: Marks = { checkpoint: [], divergence: [] };

export function checkpointsOf(spans: readonly SpanRow[]): Mark[] {
  return inOrder(spans.map(({ seq, name }) => ({ index: seq - 1, name })));
}

/** Where the last of these jobs that replayed a session says that the program and its tape parted. */
export function divergencesOf(jobs: readonly Job[], session: string): Mark[] {
  const last = jobs.find((job) => job.session === session && verdictIn(job) !== null);
  const found = (last && verdictIn(last)?.divergences) ?? [];
  return inOrder(
    found
      .filter(({ kind, seq }) => kind !== "output" && seq > 0)
      .map(({ seq, label, operation }) => ({ index: seq - 1, name: label || operation })),
  );
}

/** The nearest mark before or behind a span; -1 when there is none. */
export function nearestMark(marks: readonly Mark[], from: number, way: 1 | -1): number {
  const found = way > 0 ? marks.find(({ index }) => index > from) : marks.findLast(({ index }) => index < from);
  return found?.index ?? -1;
}

function inOrder(marks: Mark[]): Mark[] {
  return marks.sort((a, b) => a.index - b.index);
}
