import { expect, test } from "vitest";

import { lengthOf, partsOf, shapeInWords } from "@/design/shape";

test("kinds of one tone are one part, and the parts fill the whole", () => {
  const parts = partsOf({ llm: 2, reasoning: 1, tool: 4, session: 1 });

  expect(parts.map(({ tone, spans }) => [tone, spans])).toEqual([
    ["model", 3],
    ["tool", 4],
    ["agent", 1],
  ]);
  expect(parts[0]?.from).toBe(0);
  expect(parts.at(-1)?.to).toBe(1);
});

test("a session without spans has no parts and no length", () => {
  expect(partsOf({})).toEqual([]);
  expect(lengthOf(0)).toBe(0);
});

test("longer sessions are drawn longer, and none beyond the edge", () => {
  const lengths = [1, 10, 1_000, 100_000, 10_000_000].map(lengthOf);

  expect(lengths).toEqual(lengths.toSorted());
  expect(lengths.at(-1)).toBe(1);
});

test("the shape is told in words, most first", () => {
  expect(shapeInWords({ llm: 2, tool: 5 })).toBe("5 tool, 2 model call");
});
