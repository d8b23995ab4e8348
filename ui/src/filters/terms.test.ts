import { expect, test } from "vitest";

import { completed, condition, indexOfColumn, termsOf, toggled } from "@/filters/terms";

test("terms are parted at spaces, but not within quotes", () => {
  expect(termsOf('kind:tool  "refund policy" tool:"web search" -agent:x')).toEqual([
    "kind:tool",
    '"refund policy"',
    'tool:"web search"',
    "-agent:x",
  ]);
});

test("a quote that is not closed reaches to the end", () => {
  expect(termsOf('a tool:"web sea')).toEqual(["a", 'tool:"web sea']);
});

test.each([
  ["tool", "lookup", "tool:lookup"],
  ["tool", "web search", 'tool:"web search"'],
  ["agent", 'the "boss"', 'agent:"the \\"boss\\""'],
])("%s %s is typed %s", (field, value, typed) => expect(condition(field, value)).toBe(typed));

test("a condition is added, and taken away again", () => {
  expect(toggled("refund", "kind:tool")).toBe("refund kind:tool");
  expect(toggled("kind:tool refund", "kind:tool")).toBe("refund");
});

test("a field is completed so that its value can be typed, a value so that the next term can", () => {
  expect(completed("st", 0, 2, "status:")).toEqual({ text: "status:", cursor: 7 });
  expect(completed("status:fa cost>1", 7, 9, "failed")).toEqual({ text: "status:failed cost>1", cursor: 14 });
  expect(completed("status:fa", 7, 9, "failed")).toEqual({ text: "status:failed ", cursor: 14 });
});

test("columns are counted in characters", () => {
  expect(indexOfColumn("😀 x:1", 3)).toBe(3);
});
