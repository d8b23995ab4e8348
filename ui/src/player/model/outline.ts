/** The tree as rows: which spans are shown when some are closed and some are filtered away. */

import { type Recording, wordOf } from "@/player/model/recording";

/** The spans that hold a text in their name, kind, agent, model or tool, and all that lie above one that does. */
export interface Sieve {
  /** 1 for a span that holds it, 2 for one that only lies above. */
  marks: Uint8Array;
  found: number;
}

export function sieve(recording: Recording, text: string): Sieve | null {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  const columns = [recording.name, recording.kind, recording.agent, recording.model, recording.tool, recording.status];
  // Each word is looked for in the words of a column, of which there are few, and not in every span.
  const tests = words.map((word) =>
    columns.map((column) => column.words.map((known) => known?.toLowerCase().includes(word) ?? false)),
  );
  const marks = new Uint8Array(recording.count);
  let found = 0;
  for (let i = 0; i < recording.count; i += 1) {
    const holds = tests.every((test) => test.some((known, at) => known[columns[at]?.at[i] as number]));
    if (!holds) continue;
    found += 1;
    marks[i] = 1;
    for (
      let above = recording.parent[i] as number;
      above >= 0 && !marks[above];
      above = recording.parent[above] as number
    )
      marks[above] = 2;
  }
  return { marks, found };
}

/** The rows of the tree from its top on. */
export function rowsOf(recording: Recording, closed: ReadonlySet<number>, shown: Sieve | null): Int32Array {
  const rows = new Int32Array(recording.count);
  let many = 0;
  const waiting: number[] = [];
  for (let i = recording.roots.length - 1; i >= 0; i -= 1) waiting.push(recording.roots[i] as number);
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (shown && !shown.marks[at]) continue;
    rows[many++] = at;
    if (closed.has(at)) continue;
    const first = recording.firstChild[at] as number;
    for (let i = (recording.firstChild[at + 1] as number) - 1; i >= first; i -= 1)
      waiting.push(recording.children[i] as number);
  }
  return rows.slice(0, many);
}

/** What a span is called in one line. */
export function titleOf(recording: Recording, index: number): string {
  return wordOf(recording.name, index) || wordOf(recording.kind, index) || "";
}
