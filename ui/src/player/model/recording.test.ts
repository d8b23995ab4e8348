import { expect, test } from "vitest";

import { columnsOf, ERRAND, type Made, madeId } from "@/player/model/made";
import { ancestorsOf, endOf, latestAt, recordingOf, wordOf } from "@/player/model/recording";

test("columns become typed arrays, parents indexes, and words stay words", () => {
  const recording = recordingOf([columnsOf(ERRAND)]);

  expect([...recording.parent]).toEqual([-1, 0, 0, 2, 2, 0]);
  expect([...recording.depth]).toEqual([0, 1, 1, 2, 2, 1]);
  expect([...recording.children.slice(recording.firstChild[2], recording.firstChild[3])]).toEqual([3, 4]);
  expect(wordOf(recording.kind, 3)).toBe("tool");
  expect(wordOf(recording.provider, 3)).toBeNull();
});

test("what is unknown is not nothing: an open span has no end, a span without a price no cost", () => {
  const recording = recordingOf([columnsOf(ERRAND)]);

  expect([recording.end[5], recording.cost[0]]).toEqual([Number.NaN, Number.NaN]);
  expect(endOf(recording, 5)).toBe(1000);
});

test("stretches are joined: other words, another base, and parents in an earlier one", () => {
  const first = columnsOf(ERRAND.slice(0, 3));
  const second = columnsOf([{ start: 0, duration: 5, kind: "tool" }], 4, "1000000000000000130");
  second.outer_parents = { 4: madeId(3) };

  const recording = recordingOf([first, second]);

  expect([recording.start[3], recording.parent[3], recording.depth[3]]).toEqual([130, 2, 2]);
  expect(wordOf(recording.kind, 3)).toBe("tool");
});

test("times count from the earliest start, even where it is not that of the first span", () => {
  const recording = recordingOf([
    columnsOf([
      { start: 0, duration: 1 },
      { start: -50, duration: 10 },
    ]),
  ]);

  expect([...recording.start]).toEqual([50, 0]);
  expect([...recording.order]).toEqual([1, 0]);
  expect(recording.base).toBe(999999999999999950n);
});

test("spans that are said to lie below each other end the circle", () => {
  const recording = recordingOf([
    columnsOf([
      { start: 0, duration: 1, parent: 2 },
      { start: 1, duration: 1, parent: 1 },
    ]),
  ]);

  expect([...recording.depth].sort()).toEqual([0, 1]);
  expect(recording.roots).toHaveLength(1);
  expect(ancestorsOf(recording, 1).length + ancestorsOf(recording, 0).length).toBe(1);
});

test("the span at a time is the one that began last", () => {
  const recording = recordingOf([columnsOf(ERRAND)]);

  expect([-1, 0, 119, 135, 5000].map((time) => latestAt(recording, time))).toEqual([-1, 0, 1, 3, 5]);
});

test("a chain of a hundred thousand spans is no trouble", () => {
  const chain: Made[] = Array.from({ length: 100_000 }, (_, index) => ({ start: index, duration: 1, parent: index }));

  expect(recordingOf([columnsOf(chain)]).depth[99_999]).toBe(99_999);
});
