import { expect, test } from "vitest";

import type { Measure } from "@/api/types";
import { byBucket, isEmpty, others, percentiles, type Series, stacked, sums } from "@/measures/series";

const measure = (bucket: number, cost: number) =>
  ({ bucket: `${bucket}000000`, cost, percentiles: { p50: cost } }) as unknown as Measure;

const series = (...values: (number | null)[]): Series => ({ label: "one", look: "model", values });

test("a bucket in which nothing finished cost nothing, and has no percentile", () => {
  const found = byBucket([measure(60_000, 5)]);

  expect(sums([0, 60_000], found, (one) => one.cost)).toEqual([0, 5]);
  expect(percentiles([0, 60_000], found, (one) => one.percentiles.p50)).toEqual([null, 5]);
});

test("parts stand on each other and add up to the whole", () => {
  const parts = [series(1, 2), series(3, null)];

  expect(stacked(parts)).toEqual([
    [1, 2],
    [4, 2],
  ]);
  expect(others([5, 2], parts)).toEqual([1, 0]);
  expect(others([4, 2], parts)).toBeNull();
});

test("nothing but zeros is empty", () => {
  expect([isEmpty([series(0, null)]), isEmpty([series(0, 1)])]).toEqual([true, false]);
});
