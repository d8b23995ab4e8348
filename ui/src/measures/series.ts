/** What the charts draw: measures laid out by bucket, stacked where parts add up to a whole. */

import type { Measure, Usage } from "@/api/types";
import type { Tone } from "@/design/kinds";

export interface Series {
  label: string;
  look: Tone;
  /** One for each bucket; null where there is nothing to tell. */
  values: (number | null)[];
}

type Bucket = keyof Usage;

export const TOKENS: readonly { bucket: Bucket; label: string; look: Tone }[] = [
  { bucket: "input", label: "Input", look: "agent" },
  { bucket: "cache_read", label: "Cache read", look: "knowledge" },
  { bucket: "cache_write_5m", label: "Cache write, 5 min", look: "wire" },
  { bucket: "cache_write_1h", label: "Cache write, 1 h", look: "check" },
  { bucket: "output", label: "Output", look: "model" },
  { bucket: "reasoning", label: "Reasoning", look: "tool" },
  { bucket: "audio_in", label: "Audio in", look: "step" },
  { bucket: "audio_out", label: "Audio out", look: "error" },
  { bucket: "image_in", label: "Image in", look: "other" },
  { bucket: "image_out", label: "Image out", look: "other" },
];

/** The measure of each bucket, by its start in milliseconds. */
export function byBucket(measures: readonly Measure[]): Map<number, Measure> {
  return new Map(
    measures.flatMap((one) => (one.bucket === null ? [] : [[Number(BigInt(one.bucket) / 1_000_000n), one]])),
  );
}

/** Counts and sums: a bucket in which nothing finished has none, which is zero. */
export function sums(
  buckets: readonly number[],
  found: Map<number, Measure>,
  pick: (measure: Measure) => number,
): number[] {
  return buckets.map((start) => {
    const measure = found.get(start);
    return measure ? pick(measure) : 0;
  });
}

/** Percentiles: a bucket in which nothing finished has none at all. */
export function percentiles(
  buckets: readonly number[],
  found: Map<number, Measure>,
  pick: (measure: Measure) => number,
): (number | null)[] {
  return buckets.map((start) => {
    const measure = found.get(start);
    return measure ? pick(measure) : null;
  });
}

/** What is left of a whole when its known parts are taken away; null when that is nothing. */
export function others(whole: readonly number[], parts: readonly Series[]): number[] | null {
  const rest = whole.map((value, index) => parts.reduce((left, part) => left - (part.values[index] ?? 0), value));
  return rest.some((value) => value > 0) ? rest : null;
}

/** Each series on top of those before it, as areas that cover one another are drawn. */
export function stacked(series: readonly Series[]): number[][] {
  const height = new Array<number>(series[0]?.values.length ?? 0).fill(0);
  return series.map(({ values }) => {
    values.forEach((value, index) => {
      height[index] = (height[index] ?? 0) + (value ?? 0);
    });
    return [...height];
  });
}

/** Whether there is anything in it but zero and nothing. */
export function isEmpty(series: readonly Series[]): boolean {
  return series.every(({ values }) => values.every((value) => !value));
}
