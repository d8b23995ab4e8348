import { expect, test } from "vitest";

import { columnsOf, ERRAND, madeId } from "@/player/model/made";
import {
  addressOf,
  advance,
  boundary,
  busiestOf,
  countOf,
  decisionAt,
  gapsOf,
  nearest,
  placeOf,
} from "@/player/model/moves";
import { recordingOf } from "@/player/model/recording";

const recording = recordingOf([columnsOf(ERRAND)]);

test("the next and the last of each sort are found, and -1 where there is none", () => {
  expect(nearest(recording, 0, "call", 1)).toBe(1);
  expect(nearest(recording, 5, "decision", -1)).toBe(1);
  expect(nearest(recording, 0, "error", 1)).toBe(3);
  expect(nearest(recording, 3, "error", 1)).toBe(-1);
  expect(countOf(recording, "call")).toBe(4);
});

test("the decision at a tool of a helper without a model is that of who sent it", () => {
  expect([1, 3, 5, 0].map((index) => decisionAt(recording, index))).toEqual([1, 1, 5, 1]);
});

test("a session that rested for long is shown where it was at work", () => {
  const work = Array.from({ length: 5 }, (_, at) => ({ start: 1_000_000 + at * 10, duration: 10 }));
  const rested = recordingOf([columnsOf([{ start: 0, duration: 10 }, ...work])]);

  expect(busiestOf(rested, gapsOf(rested, 100))).toEqual([1_000_000, 1_000_051]);
  expect(busiestOf(recording, gapsOf(recording, 100))).toBeNull();
});

test("idle time is what no span without children fills, and is jumped over", () => {
  const gaps = gapsOf(recording, 100);

  expect([...gaps]).toEqual([200, 700]);
  expect(advance(190, 5, gaps, 1000)).toBe(195);
  expect(advance(190, 30, gaps, 1000)).toBe(720);
  expect(advance(300, 30, gaps, 1000)).toBe(730);
  expect(advance(190, 5000, gaps, 1000)).toBe(1000);
});

test("steps in time go from boundary to boundary", () => {
  expect(boundary(recording, 130, 1)).toBe(140);
  expect(boundary(recording, 130, -1)).toBe(120);
  expect(boundary(recording, 5000, 1)).toBe(1000);
});

test("an address names a span by its place, or a moment between", () => {
  expect(placeOf(recording, { at: 3 })).toEqual({ cursor: 120, selected: 2 });
  expect(placeOf(recording, { span: madeId(4) })).toEqual({ cursor: 130, selected: 3 });
  expect(placeOf(recording, { span: `${"a".repeat(32)}/${madeId(4)}` })).toEqual({ cursor: 130, selected: 3 });
  expect(placeOf(recording, { at: "0.000000135s" })).toEqual({ cursor: 135, selected: 3 });
  expect(placeOf(recording, { at: "nonsense", span: "nobody" })).toEqual({ cursor: 0, selected: 0 });
  expect(placeOf(recording, { at: 999 })?.selected).toBe(5);
});

test.each([
  { cursor: 120, selected: 2 },
  { cursor: 135, selected: 3 },
])("the place %o is found again", (place) => {
  expect(placeOf(recording, { at: addressOf(recording, place) })).toEqual(place);
});

test.each([{ at: 7 }, { span: madeId(7) }, { at: "0.0000008s" }])(
  "the place %o is not decided on before it is read",
  (asked) => {
    expect(placeOf(recording, asked, false)).toBeNull();
    expect(placeOf(recording, asked, true)).not.toBeNull();
  },
);
