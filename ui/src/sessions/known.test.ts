import { expect, test } from "vitest";

import { FIRST, isWhole, offsetsOf, pageAt, read } from "@/sessions/known";

test("each page that is read tells of the next, until the last", () => {
  const one = read(FIRST, 0, 100, "a");
  const two = read(one, 1, 100, "b");
  const three = read(two, 2, 7, null);

  expect(three.map((page) => page.cursor)).toEqual([null, "a", "b"]);
  expect([one, two, three].map(isWhole)).toEqual([false, false, true]);
  expect(offsetsOf(three)).toEqual([0, 100, 200, 207]);
});

test("to read a page again changes nothing", () => {
  const known = read(read(FIRST, 0, 100, "a"), 1, 40, null);

  expect(read(known, 0, 100, "a")).toEqual(known);
});

test("rows that came in before a page move where the pages behind it begin", () => {
  const known = read(read(FIRST, 0, 100, "a"), 1, 40, null);

  expect(read(known, 0, 100, "z")).toEqual([
    { cursor: null, rows: 100 },
    { cursor: "z", rows: null },
  ]);
});

test("a row is found in its page", () => {
  const offsets = [0, 100, 199, 206];

  expect([0, 99, 100, 198, 199, 205].map((row) => pageAt(offsets, row))).toEqual([0, 0, 1, 1, 2, 2]);
});

test("a list without rows is whole", () => {
  const known = read(FIRST, 0, 0, null);

  expect(isWhole(known)).toBe(true);
  expect(offsetsOf(known)).toEqual([0, 0]);
});
