/** What the measures of the last days come to: periods, hours, and how high each stands. */

import type { Measure } from "@/api/types";

export const HOURS = 7 * 24;
const HOUR = 3_600_000;
const NANO = 1_000_000n;

/** Milliseconds as the nanoseconds the API speaks. */
export function nanoseconds(milliseconds: number): string {
  return String(BigInt(milliseconds) * NANO);
}

/** When today began where the reader is. */
export function midnight(now: number): number {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

/** The first of the last so many whole hours; the last of them is the present one. */
export function firstHour(now: number): number {
  return Math.floor(now / HOUR) * HOUR - (HOURS - 1) * HOUR;
}

export interface Hour {
  start: number;
  spans: number;
  errors: number;
  cost: number;
}

/** Every hour since the first one; where nothing was measured, nothing happened. */
export function hoursOf(measures: readonly Measure[], first: number): Hour[] {
  const hours = Array.from({ length: HOURS }, (_, place) => ({
    start: first + place * HOUR,
    spans: 0,
    errors: 0,
    cost: 0,
  }));
  for (const { bucket, spans, errors, cost } of measures) {
    const hour = bucket === null ? undefined : hours[(Number(BigInt(bucket) / NANO) - first) / HOUR];
    if (hour) Object.assign(hour, { spans, errors, cost });
  }
  return hours;
}
