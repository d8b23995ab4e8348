/** By what the found can be narrowed: the values that those which are shown have, and how many each. */

import type { Hit } from "@/api/types";
import { condition, termsOf } from "@/filters/terms";

export const FACETS = ["kind", "status", "agent", "model", "tool"] as const;
export type Facet = (typeof FACETS)[number];

export interface Value {
  value: string;
  /** The condition that asks for it. */
  term: string;
  hits: number;
  isAsked: boolean;
}

/** The values of a facet, most first; those that are asked for are there even when nothing has them. */
export function valuesOf(facet: Facet, hits: readonly Hit[], filter: string): Value[] {
  const counts = new Map<string, number>();
  for (const { span } of hits) {
    const value = span[facet];
    if (value !== null && value !== "unset") counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const terms = new Set(termsOf(filter));
  const values = [...counts].map(([value, many]) => {
    const term = condition(facet, value);
    return { value, term, hits: many, isAsked: terms.delete(term) };
  });
  const asked = [...terms]
    .filter((term) => term.startsWith(`${facet}:`))
    .map((term) => ({ value: term.slice(facet.length + 1), term, hits: 0, isAsked: true }));
  return [...values, ...asked].toSorted((one, other) => other.hits - one.hits || one.value.localeCompare(other.value));
}
