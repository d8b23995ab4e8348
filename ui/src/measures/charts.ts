/** Which charts there are, and what each draws: the whole, or its parts by a dimension. */

import type { Measure } from "@/api/types";
import { count, duration, money, WITHIN } from "@/design/format";
import type { Tone } from "@/design/kinds";
import type { Dimension } from "@/measures/behind";
import { looksOf, OTHERS } from "@/measures/colours";
import { byBucket, others, percentiles, type Series, sums, TOKENS } from "@/measures/series";

export interface Part {
  value: string;
  measures: readonly Measure[];
}

export interface Told {
  name: string;
  title: string;
  note?: string;
  shape: "bars" | "lines";
  series: Series[];
  format: (value: number) => string;
}

const length = (nanoseconds: number) => duration(Math.round(nanoseconds));

/** All charts of a period. Without a dimension there are no parts, and each chart shows the whole. */
export function chartsOf(
  buckets: readonly number[],
  whole: readonly Measure[],
  by: Dimension | null,
  parts: readonly Part[],
): Told[] {
  const found = byBucket(whole);
  const looks = looksOf(
    by,
    parts.map(({ value }) => value),
  );
  const told = parts.map((part, rank) => ({
    ...part,
    look: looks[rank] ?? OTHERS,
    found: byBucket(part.measures),
  }));

  const summed = (label: string, look: Tone, pick: (measure: Measure) => number): Series[] => {
    const all = sums(buckets, found, pick);
    if (by === null) return [{ label, look, values: all }];
    const series = told.map((part) => ({
      label: part.value,
      look: part.look,
      values: sums(buckets, part.found, pick),
    }));
    const rest = others(all, series);
    return rest ? [...series, { label: "Others", look: OTHERS, values: rest }] : series;
  };
  const split = by === null ? "" : ` by ${by}`;
  return [
    {
      name: "cost",
      title: `Cost${split}`,
      shape: "bars",
      format: money,
      series: summed("Cost", "agent", (one) => one.cost),
    },
    {
      name: "tokens",
      title: `Tokens${split}`,
      shape: "bars",
      format: count,
      series: by === null ? tokenSeries(buckets, found) : summed("Tokens", "model", (one) => one.usage.total),
    },
    {
      name: "duration",
      title: by === null ? "Durations" : `Durations${split}, 95th percentile`,
      note: WITHIN,
      shape: "lines",
      format: length,
      series:
        by === null
          ? durationSeries(buckets, found)
          : told.map((part) => ({
              label: part.value,
              look: part.look,
              values: percentiles(buckets, part.found, (one) => one.percentiles.p95),
            })),
    },
    {
      name: "errors",
      title: `Errors${split}`,
      shape: "bars",
      format: count,
      series: summed("Errors", "error", (one) => one.errors),
    },
    {
      name: "spans",
      title: `Spans${split}`,
      shape: "bars",
      format: count,
      series: summed("Spans", "step", (one) => one.spans),
    },
    {
      name: "sessions",
      title: "Sessions at work",
      note: WITHIN,
      shape: "bars",
      format: count,
      series: [{ label: "Sessions", look: "knowledge", values: sums(buckets, found, (one) => one.sessions) }],
    },
  ];
}

function tokenSeries(buckets: readonly number[], found: Map<number, Measure>): Series[] {
  return TOKENS.map(({ bucket, label, look }) => ({
    label,
    look,
    values: sums(buckets, found, (one) => one.usage[bucket]),
  })).filter(({ values }) => values.some((value) => value > 0));
}

function durationSeries(buckets: readonly number[], found: Map<number, Measure>): Series[] {
  const looks = { p50: "knowledge", p90: "agent", p95: "model", p99: "tool" } as const;
  return (["p50", "p90", "p95", "p99"] as const).map((name) => ({
    label: name,
    look: looks[name],
    values: percentiles(buckets, found, (one) => one.percentiles[name]),
  }));
}
