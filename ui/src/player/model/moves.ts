/** Where the cursor goes: from span to span, to the next call or error, along the clock, over idle time. */

import { endOf, indexOf, latestAt, type Recording, wordOf } from "@/player/model/recording";

/** What crosses the boundary of an agent. */
const CALLS = new Set(["llm", "tool", "retrieval", "embedding", "rerank", "mcp", "http", "database"]);

export type Stop = "span" | "call" | "decision" | "error" | "step";

/** Whether spans are of a sort, judged once for each word and not for each span. */
function testOf({ kind, status }: Recording, stop: Stop): (index: number) => boolean {
  if (stop === "span") return () => true;
  const column = stop === "error" ? status : kind;
  const fits = column.words.map((word) => (stop === "call" ? CALLS.has(word ?? "") : word === WORD[stop]));
  return (index) => fits[column.at[index] as number] as boolean;
}

const WORD = { decision: "llm", error: "error", step: "step" } as const;

/** The nearest span of a sort before or behind one; -1 when there is none. */
export function nearest(recording: Recording, from: number, stop: Stop, way: 1 | -1): number {
  const fits = testOf(recording, stop);
  for (let at = from + way; at >= 0 && at < recording.count; at += way) if (fits(at)) return at;
  return -1;
}

/** How many spans of a sort there are. */
export function countOf(recording: Recording, stop: Stop): number {
  const fits = testOf(recording, stop);
  let found = 0;
  for (let at = 0; at < recording.count; at += 1) if (fits(at)) found += 1;
  return found;
}

/** The model call that decides what is done at a span: itself, else the last one of its agent before it, else any. */
export function decisionAt(recording: Recording, index: number): number {
  let any = -1;
  const decides = testOf(recording, "decision");
  const agent = wordOf(recording.agent, index);
  for (let at = index; at >= 0; at -= 1) {
    if (!decides(at)) continue;
    if (at === index || !agent || wordOf(recording.agent, at) === agent) return at;
    if (any < 0) any = at;
  }
  return any >= 0 ? any : nearest(recording, index, "decision", 1);
}

/** Stretches of time in which nothing runs that has nothing below it: the beginning and the end of each in turn. */
export type Gaps = Float64Array<ArrayBuffer>;

/** Gaps of at least so many nanoseconds between what spans without children do. */
export function gapsOf(recording: Recording, least: number): Gaps {
  const gaps: number[] = [];
  let reached = 0;
  for (const index of recording.order) {
    if (recording.firstChild[index] !== recording.firstChild[index + 1]) continue;
    const begins = recording.start[index] as number;
    if (begins - reached >= least) gaps.push(reached, begins);
    reached = Math.max(reached, endOf(recording, index));
  }
  if (recording.last - reached >= least) gaps.push(reached, recording.last);
  return Float64Array.from(gaps);
}

/** Such a part of a session is long, where nothing happens, and short, where all does. */
const PART = 0.2;

/**
 * Where a session that mostly rested was at work: between rests that are long beside the whole, where most spans began.
 * Null where that is no small part of it.
 */
export function busiestOf(recording: Recording, gaps: Gaps): [from: number, to: number] | null {
  const long = recording.last * PART;
  let found: [number, number] | null = null;
  let most = 0;
  let from = 0;
  const consider = (to: number) => {
    const many = rankOf(recording, to) - rankOf(recording, from);
    if (many > most) [found, most] = [[from, to], many];
  };
  for (let at = 0; at < gaps.length; at += 2) {
    const [begins, ends] = [gaps[at] as number, gaps[at + 1] as number];
    if (ends - begins < long) continue;
    consider(begins);
    from = ends;
  }
  consider(recording.last + 1);
  return found !== null && found[1] - found[0] < long ? found : null;
}

/** How many spans began before a time. */
function rankOf({ order, start, count }: Recording, time: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((start[order[middle] as number] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the clock stands after so many nanoseconds of playing; gaps are jumped over. */
export function advance(time: number, by: number, gaps: Gaps, last: number): number {
  let now = time;
  let left = by;
  for (let at = firstGapAfter(gaps, time); at < gaps.length; at += 2) {
    const from = gaps[at] as number;
    if (now + left < from) break;
    left -= Math.max(0, from - now);
    now = gaps[at + 1] as number;
  }
  return Math.min(last, now + left);
}

/** Where in `gaps` the first of them stands that ends after a time. */
function firstGapAfter(gaps: Gaps, time: number): number {
  let [low, high] = [0, gaps.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((gaps[middle * 2 + 1] as number) <= time) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}

/** The nearest moment before or behind a time at which a span begins or ends. */
export function boundary(recording: Recording, time: number, way: 1 | -1): number {
  let found = way > 0 ? recording.last : 0;
  for (let i = 0; i < recording.count; i += 1) {
    for (const moment of [recording.start[i] as number, endOf(recording, i)]) {
      if (way > 0 ? moment > time && moment < found : moment < time && moment > found) found = moment;
    }
  }
  return found;
}

export interface Place {
  cursor: number;
  selected: number;
}

/** What the search part of an address says of the place: `at` is the number of a span, or seconds as "1.25s"; `span`
 * is the id of one, with that of its trace and a slash before it or without. */
export interface Asked {
  at?: unknown;
  span?: unknown;
}

/** The place that an address names; null where it may lie in what is still being read. */
export function placeOf(recording: Recording, { at, span }: Asked, isWhole = true): Place | null {
  const here = (selected: number) => ({ cursor: recording.start[selected] ?? 0, selected });
  if (typeof span === "string") {
    const found = indexOf(recording, span.slice(span.indexOf("/") + 1));
    if (found >= 0) return here(found);
    if (!isWhole) return null;
  }
  const seconds = typeof at === "string" && /^\d+(?:\.\d+)?s$/.test(at) ? Number.parseFloat(at) : Number.NaN;
  if (!Number.isNaN(seconds)) {
    const cursor = Math.min(recording.last, Math.round(seconds * 1e9));
    const selected = latestAt(recording, cursor);
    // What is read next begins after all that is known.
    return !isWhole && selected === recording.order.at(-1) ? null : { cursor, selected: Math.max(0, selected) };
  }
  const place = Number(at);
  if (!Number.isInteger(place) || place < 1) return here(0);
  return !isWhole && place > recording.count ? null : here(Math.min(place, recording.count) - 1);
}

/** How the address names a place. */
export function addressOf(recording: Recording, { cursor, selected }: Place): number | string {
  return recording.start[selected] === cursor ? selected + 1 : `${(cursor / 1e9).toFixed(9).replace(/0+$/, "0")}s`;
}
