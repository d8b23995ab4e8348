import { expect, test } from "vitest";

import type { ToldFact } from "@/api/types";
import { textIn } from "@/player/held/ask";
import { changesOf, summed } from "@/player/held/changes";

const fact = (key: string, version: number, value: unknown): ToldFact => ({
  key,
  version,
  value,
  is_deleted: false,
  position: String(version),
  committed: "0",
});

test("keys that are new, changed, deleted and as they were are told apart, by name", () => {
  const facts = [fact("b", 2, "after"), fact("a", 1, "same"), fact("d", 1, "new")];
  const differences = [
    { key: "b", before: fact("b", 1, "before"), after: fact("b", 2, "after") },
    { key: "c", before: fact("c", 1, "gone"), after: null },
    { key: "d", before: null, after: fact("d", 1, "new") },
  ];

  const told = changesOf(facts, differences);

  expect(told.map(({ key, became }) => [key, became])).toEqual([
    ["a", "same"],
    ["b", "changed"],
    ["c", "deleted"],
    ["d", "new"],
  ]);
  expect(told.map(({ before }) => before?.value)).toEqual([undefined, "before", "gone", undefined]);
  expect(summed(told)).toBe("1 changed, 1 new, 1 deleted");
});

test("where nothing differs that is said", () => {
  expect(summed(changesOf([fact("a", 1, 1)], []))).toBe("nothing changed");
});

test("bytes are shown as text where they are text, even when the last sign was cut", () => {
  const whole = new TextEncoder().encode("naïve €");

  expect(textIn(whole)).toBe("naïve €");
  expect(textIn(whole.subarray(0, whole.length - 1))).toBe("naïve ");
  expect(textIn(Uint8Array.of(80, 75, 3, 4, 0))).toBeNull();
  expect(textIn(Uint8Array.of(255, 254, 200, 200, 200, 200, 200))).toBeNull();
});
