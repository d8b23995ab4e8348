import { expect, test } from "vitest";

import type { Told } from "@/api/types";
import { counted, nextDifference, parting } from "@/compare/walk";

const items = (["same", "changed", "same", "removed", "added"] as const).map((kind) => ({ kind }) as Told);

test("two sessions part at the first pair that is not the same", () => {
  expect(parting(items)).toBe(1);
  expect(parting(items.slice(0, 1))).toBe(-1);
});

test("differences are gone through in both directions, and the ends hold", () => {
  expect([nextDifference(items, 0, 1), nextDifference(items, 1, 1), nextDifference(items, 4, 1)]).toEqual([1, 3, 4]);
  expect([nextDifference(items, 3, -1), nextDifference(items, 1, -1)]).toEqual([1, 1]);
});

test("pairs are counted by kind", () => {
  expect(counted(items)).toEqual({ same: 2, changed: 1, removed: 1, added: 1 });
});
