import { expect, test } from "vitest";

import type { Exchange, Span } from "@/api/types";
import { changesOf, conflictIn, writtenValue } from "@/player/fork/changes";

const side = (value: unknown) => ({
  head: {},
  media: "application/json",
  bytes: 1,
  value,
  chunks: 0,
  complete: true,
  raised: null,
});
const call = (parts: object) =>
  ({ recorded: true, operation: "", seam: "http", kept: [], ...parts }) as unknown as Exchange;
const span = (kind: string) => ({ kind }) as Span;

test("of a model call the question and what was said can be changed", () => {
  const messages = [
    { role: "system", content: "Be brief" },
    { role: "user", content: "Why?" },
    { role: "tool", tool_call_id: "a", content: "x" },
  ];
  const asked = side({ model: "small", temperature: 0.2, messages });

  const changes = changesOf(
    span("llm"),
    call({ asked, answered: side("data: …"), understood: { model: "small" }, reply: { text: "So." } }),
  );

  expect(changes.map(({ path, text }) => [path, text])).toEqual([
    ["text", "So."],
    ["prompt", "Why?"],
    ["system", "Be brief"],
    ["model", "small"],
    ["request.body.temperature", "0.2"],
    ["answer.body", "data: …"],
  ]);
  expect(conflictIn(changes)).toBe(true);
});

test("of a tool its result, as JSON where it is none but text", () => {
  const [result] = changesOf(
    span("tool"),
    call({ seam: "tool", asked: side({}), answered: side({ ships: "Friday" }) }),
  );

  expect(result).toMatchObject({ path: "result", isJson: true, asksAnew: false });
  expect(result && writtenValue(result, '{"ships":"Monday"}')).toEqual({ ships: "Monday" });
  expect(() => result && writtenValue(result, "{")).toThrow(SyntaxError);
});
