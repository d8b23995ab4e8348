import { expect, test } from "vitest";

import { deedOf, linesOf } from "@/player/value/deed";

test.each([
  [{ todos: [{ content: "look", status: "completed", activeForm: "looking" }] }, "todos"],
  [{ explanation: "so", plan: [{ step: "look", status: "pending" }] }, "todos"],
  [{ todos: [] }, undefined],
  [{ todos: ["look"] }, undefined],
  [{ command: "ls -la", description: "Look around" }, "command"],
  [{ command: ["bash", "-lc", "ls -la"], timeout_ms: 10 }, "command"],
  [{ file_path: "a.py", old_string: "a", new_string: "b" }, "edits"],
  [{ file_path: "a.py", edits: [{ old_string: "a", new_string: "b" }] }, "edits"],
  [{ file_path: "a.py", content: "a" }, "edits"],
  [{ file_path: "a.py" }, undefined],
  [{ input: "*** Begin Patch\n*** Update File: a\n@@\n-a\n+b\n*** End Patch" }, "patch"],
  [{ query: "a" }, undefined],
  ["ls", undefined],
  [null, undefined],
])("%j is read as %s", (value, type) => expect(deedOf(value)?.type).toBe(type));

test("a command is told as a shell takes it", () => {
  expect(deedOf({ command: ["bash", "-lc", "ls | wc"] })).toMatchObject({ command: "ls | wc" });
  expect(deedOf({ command: ["echo", "it's", "a b"] })).toMatchObject({ command: "echo 'it'\\''s' 'a b'" });
});

test("an edit is told line by line, with what stays", () => {
  expect(linesOf({ before: "a\nb\nc", after: "a\nx\nc\nd" })).toBe(" a\n-b\n+x\n c\n+d");
  expect(linesOf({ before: "", after: "a\nb" })).toBe("+a\n+b");
  expect(linesOf({ before: "a", after: "" })).toBe("-a");
});
