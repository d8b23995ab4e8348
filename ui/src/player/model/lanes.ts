/** Where spans lie in the timeline: a track for each agent, and in it rows by nesting, none of which overlaps itself. */

import { endOf, type Recording } from "@/player/model/recording";

export interface Track {
  agent: string;
  /** The number of its first row. */
  first: number;
  rows: number;
}

export interface Lanes {
  tracks: Track[];
  /** The row of each span, over all tracks. */
  row: Int32Array;
  rows: number;
  /** The spans of each row in the order of their starts: `spans[firstOf[r] .. firstOf[r + 1]]`. */
  spans: Int32Array;
  firstOf: Int32Array;
  /** Those of them that failed, likewise. */
  failed: Int32Array;
  firstFailed: Int32Array;
}

const MOST_ROWS = 400;

/** Lay out all spans. The agent of a span is its own, or that of what it lies below. */
export function lanesOf(recording: Recording): Lanes {
  const { count, order, parent, start, end, last } = recording;
  const { names, agent } = agentsOf(recording);
  const busy: number[][] = names.map(() => []);
  const row = new Int32Array(count);
  for (const index of order) {
    const track = agent[index] as number;
    const above = parent[index] as number;
    const from = above >= 0 && agent[above] === track ? (row[above] as number) + 1 : 0;
    const until = busy[track] as number[];
    const begins = start[index] as number;
    let at = from;
    while (at < MOST_ROWS && (until[at] ?? -1) > begins) at += 1;
    while (until.length < at) until.push(-1);
    row[index] = at;
    const ends = end[index] as number;
    until[at] = Math.max(Number.isNaN(ends) ? last : ends, until[at] ?? -1);
  }
  const tracks: Track[] = [];
  let rows = 0;
  names.forEach((name, track) => {
    const many = Math.max(1, (busy[track] as number[]).length);
    tracks.push({ agent: name, first: rows, rows: many });
    rows += many;
  });
  for (let i = 0; i < count; i += 1) row[i] = (row[i] as number) + (tracks[agent[i] as number] as Track).first;
  const isFailed = failedOf(recording);
  const [spans, firstOf] = byRow(order, row, rows);
  const [failed, firstFailed] = byRow(
    order.filter((index) => isFailed[index] === 1),
    row,
    rows,
  );
  return { tracks, row, rows, spans, firstOf, failed, firstFailed };
}

/** Which spans failed. */
export function failedOf(recording: Recording): Uint8Array {
  const { words, at } = recording.status;
  const error = words.indexOf("error");
  const failed = new Uint8Array(recording.count);
  if (error >= 0) for (let i = 0; i < at.length; i += 1) failed[i] = at[i] === error ? 1 : 0;
  return failed;
}

function agentsOf(recording: Recording): { names: string[]; agent: Int32Array } {
  const { words, at } = recording.agent;
  const agent = new Int32Array(recording.count);
  const numbers = new Map<string, number>();
  const names: string[] = [];
  const number = (name: string) => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, names.length);
    return names.push(name) - 1;
  };
  // A parent may come after its child in the order of places, hence up to the nearest that knows its agent.
  for (const index of recording.order) {
    let from = index;
    while (from >= 0 && !words[at[from] as number]) from = recording.parent[from] as number;
    agent[index] = number(from < 0 ? "" : (words[at[from] as number] as string));
  }
  return { names: names.length ? names : [""], agent };
}

/** The spans row by row, in their order; and where each row begins. */
function byRow(order: Int32Array, row: Int32Array, rows: number): [Int32Array, Int32Array] {
  const first = new Int32Array(rows + 1);
  for (let i = 0; i < order.length; i += 1) {
    const below = (row[order[i] as number] as number) + 1;
    first[below] = (first[below] as number) + 1;
  }
  for (let r = 0; r < rows; r += 1) first[r + 1] = (first[r + 1] as number) + (first[r] as number);
  const spans = new Int32Array(order.length);
  const next = first.slice();
  for (let i = 0; i < order.length; i += 1) {
    const r = row[order[i] as number] as number;
    const place = next[r] as number;
    spans[place] = order[i] as number;
    next[r] = place + 1;
  }
  return [spans, first];
}

/** The place in `spans` of the first span from `low` to `high` that ends after a time. */
export function firstEndingAfter(
  recording: Recording,
  spans: Int32Array,
  low: number,
  high: number,
  time: number,
): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (endOf(recording, spans[middle] as number) <= time) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The span in a row at a time, give or take; -1 where there is none. */
export function spanAt(recording: Recording, lanes: Lanes, row: number, time: number, give: number): number {
  if (row < 0 || row >= lanes.rows) return -1;
  const [low, high] = [lanes.firstOf[row] as number, lanes.firstOf[row + 1] as number];
  const at = firstEndingAfter(recording, lanes.spans, low, high, time - give);
  for (const place of [at, at - 1]) {
    if (place < low || place >= high) continue;
    const index = lanes.spans[place] as number;
    if ((recording.start[index] as number) <= time + give && endOf(recording, index) >= time - give) return index;
  }
  return -1;
}
