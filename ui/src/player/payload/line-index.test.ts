import { expect, test } from "vitest";

import { LineIndex, LONGEST } from "@/player/payload/line-index";

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  ["", []],
  ["a", ["a"]],
  ["a\nb", ["a", "b"]],
  ["a\r\nb\n", ["a", "b"]],
  ["\n\n", ["", ""]],
])("%j has the lines %j, in whatever pieces it comes", (text, lines) => {
  const whole = new LineIndex();
  whole.add(bytes(text));
  const byByte = new LineIndex();
  for (const one of bytes(text)) byByte.add(new Uint8Array([one]));

  expect(whole.read(0, 99)).toEqual(lines);
  expect(byByte.read(0, 99)).toEqual(lines);
  expect(byByte.count).toBe(lines.length);
});

test("a character that lies in two pieces is whole", () => {
  const index = new LineIndex();
  const [first, second] = [bytes("aé").subarray(0, 2), bytes("aé\nb").subarray(2)];
  index.add(first);
  index.add(second);

  expect(index.read(0, 2)).toEqual(["aé", "b"]);
});

test("a line without an end is told in several, none of which cuts a character", () => {
  const text = "é".repeat(LONGEST * 3);
  const index = new LineIndex();
  index.add(bytes(text));

  expect(index.count).toBe(6);
  expect(index.read(0, 99).join("")).toBe(text);
});

test("any stretch can be read, and more lines than there were room for at first", () => {
  const lines = Array.from({ length: 5_000 }, (_, number) => `line ${number}`);
  const index = new LineIndex();
  index.add(bytes(lines.join("\n")));

  expect(index.count).toBe(5_000);
  expect(index.read(4_000, 4_002)).toEqual(["line 4000", "line 4001"]);
});
