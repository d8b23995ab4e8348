import { expect, test } from "vitest";

import type { Measure } from "@/api/types";
import { firstHour, HOURS, hoursOf, midnight, nanoseconds } from "@/home/figures";

const now = Date.UTC(2026, 2, 31, 12, 34, 56);

test("the hours end with the present one", () => {
  const first = firstHour(now);

  expect(new Date(first + (HOURS - 1) * 3_600_000).toISOString()).toBe("2026-03-31T12:00:00.000Z");
});

test("what was measured stands in its hour, and all others are empty", () => {
  const first = firstHour(now);
  const measured = { bucket: nanoseconds(first + 2 * 3_600_000), spans: 7, errors: 1, cost: 5 } as Measure;
  const outside = { ...measured, bucket: nanoseconds(first - 3_600_000) };

  const hours = hoursOf([measured, outside], first);

  expect(hours).toHaveLength(HOURS);
  expect(hours[2]).toEqual({ start: first + 2 * 3_600_000, spans: 7, errors: 1, cost: 5 });
  expect(hours.reduce((sum, hour) => sum + hour.spans, 0)).toBe(7);
});

test("today began at midnight where the reader is", () => {
  const began = new Date(midnight(now));

  expect([began.getHours(), began.getMinutes(), now - began.getTime() < 86_400_000]).toEqual([0, 0, true]);
});
