import { expect, test } from "vitest";

import { reveal, stretchOf } from "@/design/window";

test("only what is in sight is there, with some beyond", () => {
  expect(stretchOf(100_000, 26, 26_000, 520, 8)).toEqual({ first: 992, last: 1029, tall: 2_600_000, top: 25_792 });
  expect(stretchOf(3, 26, 0, 520, 8)).toMatchObject({ first: 0, last: 3, tall: 78 });
  expect(stretchOf(0, 26, 0, 520, 8)).toMatchObject({ first: 0, last: 0, tall: 0 });
});

test("of too many rows for a page the first and the last can be reached", () => {
  const many = 4_000_000;
  const { tall } = stretchOf(many, 18, 0, 360, 0);

  expect(tall).toBe(8_000_000);
  expect(stretchOf(many, 18, 0, 360, 0).first).toBe(0);
  expect(stretchOf(many, 18, tall - 360, 360, 0).last).toBe(many);
});

test("a row is brought into sight, and one that is stays where it is", () => {
  expect(reveal(5, 1000, 20, 0, 400)).toBe(0);
  expect(reveal(100, 1000, 20, 0, 400)).toBe(1660);
  expect(reveal(10, 1000, 20, 1000, 400)).toBe(160);
});
