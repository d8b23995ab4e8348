/** Places that someone or something marked: checkpoints and snapshots of the program, and where its last replay parted. */

import type { Job, Shelved } from "@/api/types";
import { verdictIn } from "@/player/fork/verdicts";
import { latestAt, type Recording, wordOf } from "@/player/model/recording";

export interface Mark {
  index: number;
  name: string;
}

/** A snapshot stands where it was taken, which may be within a span. */
export interface Taken extends Mark {
  time: number;
}

/** In the order of their places. */
export interface Marks {
  checkpoint: readonly Mark[];
  snapshot: readonly Taken[];
  divergence: readonly Mark[];
}

export type Marked = keyof Marks;

export const NO_MARKS: Marks = { checkpoint: [], snapshot: [], divergence: [] };

export function checkpointsOf({ kind, name }: Pick<Recording, "kind" | "name">): Mark[] {
  const marks: Mark[] = [];
  const checkpoint = kind.words.indexOf("checkpoint");
  if (checkpoint < 0) return marks;
  kind.at.forEach((word, index) => {
    if (word === checkpoint) marks.push({ index, name: wordOf(name, index) ?? "" });
  });
  return marks;
}

/** Where these snapshots were taken. One after the last that is known of the session stands at its end. */
export function snapshotsOf(recording: Recording, snapshots: readonly Shelved[]): Taken[] {
  const marks = snapshots.flatMap(({ name, metadata }): Taken[] => {
    if (!metadata) return [];
    const since = Number(BigInt(metadata.timestamp) - recording.base);
    const time = Math.max(0, Math.min(recording.last, since));
    return [{ index: Math.max(0, latestAt(recording, time)), time, name: metadata.description || name }];
  });
  return marks.sort((a, b) => a.time - b.time);
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
