import { expect, test } from "vitest";

import { firstEndingAfter, lanesOf, spanAt } from "@/player/model/lanes";
import { columnsOf, ERRAND, type Made } from "@/player/model/made";
import { endOf, recordingOf } from "@/player/model/recording";

const recording = recordingOf([columnsOf(ERRAND)]);
const lanes = lanesOf(recording);

test("each agent has a track, and what runs at once has a row of its own", () => {
  expect(lanes.tracks).toEqual([
    { agent: "main", first: 0, rows: 2 },
    { agent: "helper", first: 2, rows: 3 },
  ]);
  expect([...lanes.row]).toEqual([0, 1, 2, 3, 4, 1]);
});

test("a span without an agent lies in the track of what it lies below", () => {
  const spans: Made[] = [
    { start: 0, duration: 9, agent: "main" },
    { start: 1, duration: 1, parent: 1, agent: null },
  ];

  expect(lanesOf(recordingOf([columnsOf(spans)])).tracks.map((track) => track.agent)).toEqual(["main"]);
});

test("no two spans of a row overlap", () => {
  const spans: Made[] = Array.from({ length: 300 }, (_, i) => ({
    start: (i * 37) % 900,
    duration: 5 + ((i * 53) % 90),
  }));
  const many = recordingOf([columnsOf(spans)]);
  const found = lanesOf(many);
  for (let row = 0; row < found.rows; row += 1) {
    const inside = [...found.spans.slice(found.firstOf[row], found.firstOf[row + 1])];
    inside.slice(1).forEach((index, at) => {
      expect(many.start[index]).toBeGreaterThanOrEqual(endOf(many, inside[at] as number));
    });
  }
  expect(found.spans).toHaveLength(300);
});

test("failed spans are listed by row", () => {
  expect([...lanes.failed]).toEqual([3]);
  expect([lanes.firstFailed[3], lanes.firstFailed[4]]).toEqual([0, 1]);
});

test("the span under a point is found, with some patience for narrow ones", () => {
  expect(spanAt(recording, lanes, 3, 150, 0)).toBe(3);
  expect(spanAt(recording, lanes, 3, 182, 1)).toBe(-1);
  expect(spanAt(recording, lanes, 3, 182, 3)).toBe(3);
  expect(spanAt(recording, lanes, 99, 150, 0)).toBe(-1);
});

test("what is before the window is skipped", () => {
  expect(firstEndingAfter(recording, lanes.spans, lanes.firstOf[1] as number, lanes.firstOf[2] as number, 110)).toBe(
    (lanes.firstOf[1] as number) + 1,
  );
});
