/** What became of the facts of an agent between two steps. */

import type { ToldDifference, ToldFact } from "@/api/types";

export type Became = "same" | "new" | "changed" | "deleted";

export interface Told {
  key: string;
  /** What it holds at the step; null where it holds nothing any more. */
  now: ToldFact | null;
  /** What it held before, where that was something else. */
  before: ToldFact | null;
  became: Became;
}

/** All keys by name: those that hold something at the step, and those that did before. */
export function changesOf(facts: readonly ToldFact[], differences: readonly ToldDifference[]): Told[] {
  const differing = new Map(differences.map((one) => [one.key, one]));
  const told: Told[] = facts.map((now) => {
    const found = differing.get(now.key);
    differing.delete(now.key);
    return { key: now.key, now, before: found?.before ?? null, became: found ? becameOf(found) : "same" };
  });
  for (const [key, { before }] of differing) told.push({ key, now: null, before, became: "deleted" });
  return told.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

const becameOf = ({ before }: ToldDifference): Became => (before ? "changed" : "new");

/** In so many words: "2 changed, 1 new". */
export function summed(told: readonly Told[]): string {
  const parts = (["changed", "new", "deleted"] as const).map((what) => {
    const many = told.filter(({ became }) => became === what).length;
    return many ? `${many} ${what}` : "";
  });
  return parts.filter(Boolean).join(", ") || "nothing changed";
}
