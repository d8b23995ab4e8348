/** Finding one's way among the pairs of a comparison. */

import type { Told } from "@/api/types";

/** Where the two sessions part: the first pair that is not the same, or -1. */
export function parting(items: readonly Told[]): number {
  return items.findIndex((item) => item.kind !== "same");
}

/** The next pair that differs, going on from a place; the place itself when there is none that way. */
export function nextDifference(items: readonly Told[], from: number, step: 1 | -1): number {
  for (let place = from + step; place >= 0 && place < items.length; place += step) {
    if (items[place]?.kind !== "same") return place;
  }
  return from;
}

/** How many pairs there are of each kind. */
export function counted(items: readonly Told[]): Record<Told["kind"], number> {
  const found = { same: 0, changed: 0, removed: 0, added: 0 };
  for (const item of items) found[item.kind] += 1;
  return found;
}
