/** The period in one row of figures. */

import type { Measure } from "@/api/types";
import { count, duration, money } from "@/design/format";

export function Headline({ measure }: { measure: Measure }) {
  const { usage, percentiles, spans, errors } = measure;
  const read = usage.input + usage.cache_read + usage.cache_write_5m + usage.cache_write_1h;
  const figures = [
    ["Cost", money(measure.cost), ""],
    ["Tokens", count(usage.total), read ? `${share(usage.cache_read, read)} of what was read came from a cache` : ""],
    ["Spans", count(spans), ""],
    ["Errors", count(errors), `${share(errors, spans)} of spans`],
    ["Median duration", duration(Math.round(percentiles.p50)), `99 % below ${duration(Math.round(percentiles.p99))}`],
    ["Sessions", count(measure.sessions), "within 1 %"],
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

function share(part: number, whole: number): string {
  if (!whole) return "—";
  const percent = (part / whole) * 100;
  return `${percent > 0 && percent < 1 ? percent.toFixed(2) : percent.toFixed(percent < 10 ? 1 : 0)} %`;
}
