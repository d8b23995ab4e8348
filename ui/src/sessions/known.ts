/** What is known of a list that comes in pages: where each page begins, and how many rows it has. */

export interface PageKnown {
  /** What the page is asked with; the first one with nothing. */
  cursor: string | null;
  /** Null until it was read. */
  rows: number | null;
}

export const FIRST: readonly PageKnown[] = [{ cursor: null, rows: null }];

/** How many rows a page takes that was never read: enough to be scrolled to. */
const UNREAD = 20;

/**
 * What is known once the page at this place was read.
 *
 * When what follows it is another page than was thought (rows came in before it), all behind it is forgotten.
 */
export function read(known: readonly PageKnown[], place: number, rows: number, next: string | null): PageKnown[] {
  const before = known[place];
  if (!before) return [...known];
  const isSame = (known[place + 1]?.cursor ?? null) === next;
  const kept = known.slice(0, isSame ? known.length : place + 1);
  kept[place] = { cursor: before.cursor, rows };
  if (!isSame && next !== null) kept.push({ cursor: next, rows: null });
  return kept;
}

/** The index of the first row of each page, and at the end how many rows there are. */
export function offsetsOf(known: readonly PageKnown[]): number[] {
  const offsets = [0];
  for (const { rows } of known) offsets.push((offsets.at(-1) ?? 0) + (rows ?? UNREAD));
  return offsets;
}

/** Which page holds the row. */
export function pageAt(offsets: readonly number[], row: number): number {
  let [low, high] = [0, offsets.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** Whether the list was read to its end. */
export function isWhole(known: readonly PageKnown[]): boolean {
  return known.at(-1)?.rows !== null;
}
