/** The stretch of time that is measured: chosen by name or by its ends, in whole buckets of a grain that fits it. */

import { timeOfDay } from "@/design/format";

export type Grain = "minute" | "hour" | "day";

export interface Period {
  /** Milliseconds since the epoch, the start of a bucket. */
  since: number;
  /** Milliseconds since the epoch, the end of a bucket. */
  until: number;
  grain: Grain;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const WIDTHS: Record<Grain, number> = { minute: MINUTE, hour: HOUR, day: DAY };

export const RANGES = [
  { name: "1h", label: "Hour", length: HOUR },
  { name: "24h", label: "Day", length: DAY },
  { name: "7d", label: "Week", length: 7 * DAY },
  { name: "30d", label: "30 days", length: 30 * DAY },
  { name: "90d", label: "90 days", length: 90 * DAY },
  { name: "365d", label: "Year", length: 365 * DAY },
] as const;

export const USUAL = "7d";

/** The grain that shows the most of a stretch of time with at most a few hundred buckets. */
export function grainOf(length: number): Grain {
  if (length <= 4 * HOUR) return "minute";
  return length <= 8 * DAY ? "hour" : "day";
}

/** The period that the address asks for: `range`, or `since` and `until` in milliseconds. */
export function periodOf(search: Record<string, unknown>, now: number): Period {
  const [since, until] = [Number(search.since), Number(search.until)];
  if (since > 0 && until > since) return whole(since, until);
  const range = RANGES.find((one) => one.name === (search.range ?? USUAL)) ?? RANGES[2];
  return whole(now - range.length, now);
}

/** The start of every bucket, whether anything happened in it or not. */
export function bucketsOf({ since, until, grain }: Period): number[] {
  const width = WIDTHS[grain];
  return Array.from({ length: Math.round((until - since) / width) }, (_, index) => since + index * width);
}

/** Milliseconds as the API takes and gives them. */
export function nanoseconds(milliseconds: number): string {
  return milliseconds ? `${milliseconds}000000` : "0";
}

/** When a bucket was, in as many words as its grain needs. Days are those of UTC, as they are measured. */
export function bucketName(start: number, grain: Grain): string {
  const day: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
  if (grain === "day") return new Intl.DateTimeFormat(undefined, { ...day, timeZone: "UTC" }).format(start);
  return new Intl.DateTimeFormat(undefined, { ...day, hour: "2-digit", minute: "2-digit" }).format(start);
}

/** A moment on an axis: the day where one begins, else the time. */
export function tickName(moment: number, grain: Grain): string {
  const date = new Date(moment);
  const isDay = grain === "day" || (date.getHours() === 0 && date.getMinutes() === 0);
  if (!isDay) return timeOfDay(date);
  return date.toLocaleDateString(undefined, {
    day: "numeric",
    month: "short",
    ...(grain === "day" ? { timeZone: "UTC" } : {}),
  });
}

function whole(since: number, until: number): Period {
  const grain = grainOf(until - since);
  const width = WIDTHS[grain];
  return { since: Math.floor(since / width) * width, until: Math.ceil(until / width) * width, grain };
}
