import { expect, test } from "vitest";

import { formOf } from "@/player/value/form";
import { blocksOf, runsOf } from "@/player/value/markdown";
import { piecesOf } from "@/player/value/terminal";

test.each([
  [{ a: 1 }, "json"],
  [{ todos: [{ content: "look", status: "pending" }] }, "deed"],
  ['{"a": 1}', "json"],
  ["{not json", "text"],
  ['[{"a":1,"b":2},{"a":3,"b":4}]', "table"],
  [[{ a: { deep: 1 } }, { a: 2 }], "json"],
  ["# Title\n\nwords", "markdown"],
  ["a line\nanother * one", "text"],
  ["\u001b[31mred\u001b[0m", "terminal"],
  ["--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b", "diff"],
  ["data:image/png;base64,AAAA", "image"],
  ['"# A text in JSON"', "markdown"],
  ['"quoted" words', "text"],
  [null, "json"],
])("%j is shown as %s", (value, form) => expect(formOf(value).form).toBe(form));

test("markdown is taken apart into blocks", () => {
  const blocks = blocksOf(
    "# T\ntext\nmore\n\n- a\n  - b\n\n```py\nx = 1\n```\n> q\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---",
  );

  expect(blocks.map((block) => block.type)).toEqual(["heading", "paragraph", "list", "code", "quote", "table", "rule"]);
  expect(blocks[2]).toMatchObject({ isOrdered: false, items: [{ depth: 0 }, { depth: 1 }] });
  expect(blocks[3]).toEqual({ type: "code", language: "py", text: "x = 1" });
  expect(blocks[5]).toMatchObject({
    head: [[{ text: "a" }], [{ text: "b" }]],
    rows: [[[{ text: "1" }], [{ text: "2" }]]],
  });
});

test("a fence that is never closed ends with the text", () => {
  expect(blocksOf("```\na")).toEqual([{ type: "code", language: "", text: "a" }]);
});

test("runs are told apart, and no link leads to a script", () => {
  expect(runsOf("a `b` **c** *d* [e](https://f.g) [h](javascript:i)").map((run) => run.type)).toEqual([
    "text", "code", "text", "strong", "text", "emphasis", "text", "link", "text",
  ]); // biome-ignore format: one line
  expect(runsOf("2*3*4 and snake_case_name")).toEqual([{ type: "text", text: "2*3*4 and snake_case_name" }]);
});

test("colours of a terminal are kept, and what moves its cursor is not", () => {
  expect(piecesOf("a\u001b[1;31mb\u001b[0m\u001b[2Kc\u001b[96md")).toEqual([
    { text: "a", colour: null, isBold: false },
    { text: "b", colour: 1, isBold: true },
    { text: "c", colour: null, isBold: false },
    { text: "d", colour: 14, isBold: false },
  ]);
});
