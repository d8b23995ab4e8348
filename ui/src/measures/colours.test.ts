import { expect, test } from "vitest";

import { looksOf } from "@/measures/colours";

test("kinds keep their colours, and of those that share one only the first does", () => {
  const looks = looksOf("kind", ["agent", "session", "llm", "tool", "error", "retrieval"]);

  expect(new Set(looks).size).toBe(6);
  expect([looks[0], looks[2], looks[3]]).toEqual(["agent", "model", "tool"]);
});

test("what has no colour of its own is coloured by its rank", () => {
  expect(looksOf("agent", ["planner", "shopper", "writer"])).toEqual(["agent", "tool", "knowledge"]);
});

test("errors are of their colour wherever they stand", () => {
  expect(looksOf("status", ["ok", "error"])).toEqual(["agent", "error"]);
});
