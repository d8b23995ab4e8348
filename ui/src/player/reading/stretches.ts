/** Stretches of columns, as the server tells them: how they come and how they are cut. */

import type { SpanColumns } from "@/api/types";

export function stretchIn(body: ArrayBuffer): SpanColumns {
  return JSON.parse(new TextDecoder().decode(body)) as SpanColumns;
}

/** The stretches before a place. */
export function cut(stretches: readonly SpanColumns[], place: number): SpanColumns[] {
  return stretches.flatMap((one) => {
    const keep = Math.min(one.count, place - one.first);
    return keep <= 0 ? [] : keep === one.count ? [one] : [shortened(one, keep)];
  });
}

function shortened(one: SpanColumns, count: number): SpanColumns {
  const told = Object.entries(one).map(([name, column]) => {
    if (Array.isArray(column)) return [name, column.slice(0, count)];
    if (column && typeof column === "object" && "at" in column)
      return [name, { ...column, at: column.at.slice(0, count) }];
    return [name, column];
  });
  const outer = Object.entries(one.outer_parents).filter(([place]) => Number(place) < one.first + count);
  return { ...(Object.fromEntries(told) as SpanColumns), count, outer_parents: Object.fromEntries(outer) };
}
