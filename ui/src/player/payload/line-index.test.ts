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

test("a text as JSON writes it has the lines of the text, wherever it is cut into pieces", () => {
  const text = `first "one"\nC:\\new \\n stays\r\n\n${"é\u0001".repeat(3_000)}\nlast`;
  const body = new TextEncoder().encode(JSON.stringify(text));

  for (const size of [1, 7, 1000, body.length]) {
    const index = new LineIndex(true);
    for (let at = 0; at < body.length; at += size) index.add(body.subarray(at, at + size));
    const lines = index.read(0, index.count);

    expect(lines.slice(0, 3)).toEqual(['first "one"', "C:\\new \\n stays", ""]);
    expect(lines.slice(3, -1).join("")).toBe("é\u0001".repeat(3_000));
    expect(lines.at(-1)).toBe("last");
  }
});
