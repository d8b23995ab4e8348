/** A session as the player holds it: columns of numbers, and everything derived from them once. */

import type { SpanColumns, Words } from "@/api/types";

/** The spans of a session by their index, which is their place less one. Times are nanoseconds after `base`. */
export interface Recording {
  count: number;
  /** Nanoseconds since the epoch of the earliest start. */
  base: bigint;
  start: Float64Array;
  /** When it ended; of an open span NaN. */
  end: Float64Array;
  /** The index of the parent, or -1. */
  parent: Int32Array;
  depth: Int32Array;
  /** Children of a span in their order: `children[firstChild[i] .. firstChild[i + 1]]`; those without a parent lie
   * in `roots`. */
  firstChild: Int32Array;
  children: Int32Array;
  roots: Int32Array;
  /** Indexes in the order of their starts. */
  order: Int32Array;
  /** The ids of all spans, one behind the other: a hundred thousand texts would cost as many objects. */
  ids: string;
  trace: Column;
  kind: Column;
  name: Column;
  status: Column;
  agent: Column;
  model: Column;
  provider: Column;
  tool: Column;
  tokens: Float64Array;
  /** Nano-dollars; NaN where nobody knows. */
  cost: Float64Array;
  /** The last moment anything is known of. */
  last: number;
}

/** A column of words: each once, and which one it is of each span. */
export interface Column {
  words: (string | null)[];
  at: Int32Array;
}

/** How many digits an id has. */
const DIGITS = 16;

const WORDS = ["kind", "name", "status", "agent", "model", "provider", "tool"] as const;

export function wordOf(column: Column, index: number): string | null {
  return column.words[column.at[index] ?? 0] ?? null;
}

/** When a span ended, or how far it is known to have come. */
export function endOf(recording: Recording, index: number): number {
  const end = recording.end[index] as number;
  return Number.isNaN(end) ? recording.last : end;
}

/** Put stretches of columns together. They follow each other without gaps, the first begins at place 1. */
export function recordingOf(stretches: readonly SpanColumns[]): Recording {
  const count = stretches.reduce((sum, one) => sum + one.count, 0);
  const base = stretches.find((one) => one.count > 0)?.base ?? "0";
  const start = new Float64Array(count);
  const end = new Float64Array(count);
  const parent = new Int32Array(count).fill(-1);
  const tokens = new Float64Array(count);
  const cost = new Float64Array(count).fill(Number.NaN);
  let at = 0;
  for (const one of stretches) {
    const shift = Number(BigInt(one.base) - BigInt(base));
    for (let i = 0; i < one.count; i += 1) {
      const begins = Number(one.start[i]) + shift;
      const lasts = one.duration[i];
      start[at + i] = begins;
      end[at + i] = lasts === null ? Number.NaN : begins + Number(lasts);
      const place = one.parent[i] as number;
      if (place) parent[at + i] = place - 1;
      if (one.tokens.length) tokens[at + i] = one.tokens[i] as number;
      const price = one.cost.length ? one.cost[i] : null;
      if (price !== null && price !== undefined) cost[at + i] = price;
    }
    at += one.count;
  }
  const ids = stretches.map((one) => one.span_id.join("")).join("");
  adopt(stretches, ids, parent);
  const shift = rebase(start, end);
  const words = Object.fromEntries(WORDS.map((name) => [name, joined(stretches.map((one) => [one[name], one.count]))]));
  return {
    count,
    base: BigInt(base) + BigInt(shift),
    start,
    end,
    parent,
    ...related(parent, start),
    ids,
    tokens,
    cost,
    last: latest(start, end),
    trace: joined(stretches.map((one) => [one.trace_id, one.count])),
    ...(words as Record<(typeof WORDS)[number], Column>),
  };
}

/** Find parents that lie in another stretch than their child. */
function adopt(stretches: readonly SpanColumns[], ids: string, parent: Int32Array): void {
  if (stretches.every((one) => Object.keys(one.outer_parents).length === 0)) return;
  const places = new Map<string, number>();
  for (let i = 0; i < parent.length; i += 1) places.set(ids.slice(i * DIGITS, (i + 1) * DIGITS), i);
  for (const one of stretches) {
    for (const [place, name] of Object.entries(one.outer_parents)) {
      const found = places.get(name);
      if (found !== undefined && found !== Number(place) - 1) parent[Number(place) - 1] = found;
    }
  }
}

/** Have times count from the earliest start. Returns by how much they were moved. */
function rebase(start: Float64Array, end: Float64Array): number {
  let least = start[0] ?? 0;
  for (const one of start) if (one < least) least = one;
  if (least === 0) return 0;
  for (let i = 0; i < start.length; i += 1) {
    start[i] = (start[i] as number) - least;
    end[i] = (end[i] as number) - least;
  }
  return least;
}

function latest(start: Float64Array, end: Float64Array): number {
  let last = 0;
  for (const one of start) if (one > last) last = one;
  for (const one of end) if (one > last) last = one;
  return last;
}

function joined(parts: readonly (readonly [Words, number])[]): Column {
  const words: (string | null)[] = [];
  const known = new Map<string | null, number>();
  const at = new Int32Array(parts.reduce((sum, [, count]) => sum + count, 0));
  let base = 0;
  for (const [part, count] of parts) {
    const numbers = part.words.map((word) => {
      const known_ = known.get(word);
      if (known_ !== undefined) return known_;
      known.set(word, words.length);
      return words.push(word) - 1;
    });
    if (part.at.length === 0) at.fill(numbers[0] ?? 0, base, base + count);
    else for (let i = 0; i < count; i += 1) at[base + i] = numbers[part.at[i] as number] as number;
    base += count;
  }
  return { words, at };
}

type Relations = Pick<Recording, "depth" | "firstChild" | "children" | "roots" | "order">;

/** Depths and children. A span that is said to lie below itself becomes a root. */
function related(parent: Int32Array, start: Float64Array): Relations {
  const count = parent.length;
  const depth = depths(parent);
  const order = Int32Array.from({ length: count }, (_, index) => index);
  let isSorted = true;
  for (let i = 1; i < count && isSorted; i += 1) isSorted = (start[i] as number) >= (start[i - 1] as number);
  if (!isSorted) order.sort((a, b) => (start[a] as number) - (start[b] as number) || a - b);

  const firstChild = new Int32Array(count + 1);
  let roots = 0;
  for (const above of parent) {
    if (above < 0) roots += 1;
    else firstChild[above + 1] = (firstChild[above + 1] as number) + 1;
  }
  for (let i = 0; i < count; i += 1) firstChild[i + 1] = (firstChild[i + 1] as number) + (firstChild[i] as number);
  const children = new Int32Array(count - roots);
  const next = firstChild.slice();
  const top = new Int32Array(roots);
  let tops = 0;
  for (const index of order) {
    const above = parent[index] as number;
    if (above < 0) top[tops++] = index;
    else {
      const place = next[above] as number;
      children[place] = index;
      next[above] = place + 1;
    }
  }
  return { depth, firstChild, children, roots: top, order };
}

function depths(parent: Int32Array): Int32Array {
  const count = parent.length;
  const depth = new Int32Array(count).fill(-1);
  const way: number[] = [];
  for (let i = 0; i < count; i += 1) {
    let at = i;
    while (at >= 0 && depth[at] === -1) {
      depth[at] = -2;
      way.push(at);
      at = parent[at] as number;
    }
    if (at >= 0 && depth[at] === -2) {
      // A circle: it is cut where it closes.
      parent[way.at(-1) as number] = -1;
    }
    for (let below = way.pop(); below !== undefined; below = way.pop()) {
      const above = parent[below] as number;
      depth[below] = above < 0 ? 0 : (depth[above] as number) + 1;
    }
  }
  return depth;
}

export function idOf(recording: Recording, index: number): string {
  return recording.ids.slice(index * DIGITS, (index + 1) * DIGITS);
}

/** The index of the span with this id, or -1. */
export function indexOf(recording: Recording, id: string): number {
  if (id.length !== DIGITS) return -1;
  // An id may also be found across the border of two others.
  for (let at = recording.ids.indexOf(id); at >= 0; at = recording.ids.indexOf(id, at + 1))
    if (at % DIGITS === 0) return at / DIGITS;
  return -1;
}

/** The spans above one, the nearest first. */
export function ancestorsOf(recording: Recording, index: number): number[] {
  const found: number[] = [];
  for (let at = recording.parent[index] ?? -1; at >= 0; at = recording.parent[at] as number) found.push(at);
  return found;
}

/** The span that began last at a time or before it; -1 before the first. */
export function latestAt(recording: Recording, time: number): number {
  let [low, high] = [0, recording.count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((recording.start[recording.order[middle] as number] as number) <= time) low = middle + 1;
    else high = middle;
  }
  return low ? (recording.order[low - 1] as number) : -1;
}
