import { expect, test } from "vitest";

import { bucketsOf, grainOf, nanoseconds, periodOf } from "@/measures/period";

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 2, 31, 12, 0, 30);

test("the grain follows the length", () => {
  expect([1, 24, 24 * 7, 24 * 30].map((hours) => grainOf(hours * HOUR))).toEqual(["minute", "hour", "hour", "day"]);
});

test("a period is of whole buckets and holds the present", () => {
  const { since, until, grain } = periodOf({ range: "1h" }, NOON);
  expect(grain).toBe("minute");
  expect([since % 60_000, until % 60_000]).toEqual([0, 0]);
  expect(until).toBeGreaterThan(NOON);
  expect(bucketsOf({ since, until, grain })).toHaveLength(61);
});

test("its ends can be given, and nonsense is the usual week", () => {
  expect(periodOf({ since: NOON - HOUR, until: NOON }, NOON).grain).toBe("minute");
  expect(periodOf({ since: NOON, until: 1 }, NOON)).toEqual(periodOf({}, NOON));
  expect(periodOf({ range: "a while" }, NOON)).toEqual(periodOf({ range: "7d" }, NOON));
});

test("nanoseconds are text, because they exceed 2^53", () => {
  expect(nanoseconds(NOON)).toBe(`${NOON}000000`);
});
