import { expect, test } from "vitest";

import { lanesOf } from "@/player/model/lanes";
import { columnsOf, ERRAND } from "@/player/model/made";
import { recordingOf } from "@/player/model/recording";
import { placesOf, ROW, rowAt, tickLabel, ticksOf } from "@/player/timeline/places";

const places = placesOf(lanesOf(recordingOf([columnsOf(ERRAND)])));

test("every row is found where it is drawn, and nothing between tracks", () => {
  places.tops.forEach((top, row) => {
    expect([rowAt(places, top), rowAt(places, top + ROW - 1)]).toEqual([row, row]);
  });
  expect(rowAt(places, places.headers[1] as number)).toBe(-1);
  expect(rowAt(places, places.height + 50)).toBe(-1);
});

test.each([
  [0, 1000e9, 100e9],
  [0, 7e9, 1e9],
  [0, 70e6, 10e6],
  [5e6, 5.0007e6, 100],
])("from %s to %s the ruler goes in steps of %s", (from, to, step) => {
  const found = ticksOf(from, to, 1000, 100);
  expect(found.step).toBe(step === 100e9 ? 120e9 : step);
  expect(found.times.length).toBeLessThanOrEqual(11);
});

test.each([
  [2e9, 1e9, "2 s"],
  [75e9, 5e9, "1:15"],
  [3_900e9, 300e9, "1 h 05"],
  [250e6, 50e6, "250 ms"],
  [1.25e9, 50e6, "1.25 s"],
  [1500, 500, "1.5 µs"],
  [0, 5, "0"],
])("the moment %s in steps of %s is written %s", (time, step, label) => expect(tickLabel(time, step)).toBe(label));
