/** The period in one row of figures. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { Measure } from "@/api/types";
import { count, duration, money, share, WITHIN } from "@/design/format";
import { behind, type Only } from "@/measures/behind";
import type { Period } from "@/measures/period";

interface Props {
  measure: Measure;
  period: Period;
  only: Only;
}

export function Headline({ measure, period: { since, until }, only }: Props) {
  const { usage, percentiles, spans, errors } = measure;
  const read = usage.input + usage.cache_read + usage.cache_write_5m + usage.cache_write_1h;
  const link = "text-accent underline";
  const figures: [string, string, ReactNode][] = [
    ["Cost", money(measure.cost), ""],
    ["Tokens", count(usage.total), read ? `${share(usage.cache_read, read)} of what was read came from a cache` : ""],
    ["Spans", count(spans), ""],
    [
      "Errors",
      count(errors),
      <>
        {share(errors, spans)} of spans
        {errors > 0 && (
          <Link {...behind({ ...only, status: "error" }, since, until)} className={`ml-2 ${link}`}>
            Show them
          </Link>
        )}
      </>,
    ],
    [
      "Median duration",
      duration(Math.round(percentiles.p50)),
      `99 % below ${duration(Math.round(percentiles.p99))}, both ${WITHIN}`,
    ],
    [
      "Sessions",
      count(measure.sessions),
      <>
        {WITHIN}
        <Link {...behind(only, since, until)} className={`ml-2 ${link}`}>
          Those begun then
        </Link>
      </>,
    ],
  ];
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-3 xl:grid-cols-6">
      {figures.map(([name, value, note]) => (
        <div key={name} className="bg-panel px-3 py-2.5">
          <dt className="text-sm text-ink-soft">{name}</dt>
          <dd className="text-2xl">{value}</dd>
          <dd className="min-h-4.5 text-sm text-ink-faint">{note}</dd>
        </div>
      ))}
    </dl>
  );
}
