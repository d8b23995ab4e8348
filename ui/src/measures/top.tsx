/** The most expensive, slowest, or most used, by one dimension. */

import { Link } from "@tanstack/react-router";
import { ArrowDown, ListFilter } from "lucide-react";

import type { Measure } from "@/api/types";
import { count, duration, money, WITHIN } from "@/design/format";
import { KindGlyph } from "@/design/kind";
import { Failed } from "@/design/quiet";
import { type Order, useTop } from "@/measures/asking";
import { behind, DIMENSIONS, type Dimension, type Only } from "@/measures/behind";
import type { Change } from "@/measures/measures";
import type { Period } from "@/measures/period";

const MOST = 100;

const COLUMNS: readonly { order: Order; label: string; tell: (one: Measure) => string }[] = [
  { order: "cost", label: "Cost", tell: (one) => money(one.cost) },
  { order: "tokens", label: "Tokens", tell: (one) => count(one.usage.total) },
  { order: "spans", label: "Spans", tell: (one) => count(one.spans) },
  { order: "errors", label: "Errors", tell: (one) => count(one.errors) },
  { order: "p50", label: "p50", tell: (one) => duration(Math.round(one.percentiles.p50)) },
  { order: "p95", label: "p95", tell: (one) => duration(Math.round(one.percentiles.p95)) },
  { order: "sessions", label: "Sessions", tell: (one) => count(one.sessions) },
];

interface Props {
  period: Period;
  only: Only;
  search: Record<string, unknown>;
  change: (changed: Change) => void;
}

export function Top({ period, only, search, change }: Props) {
  const by = DIMENSIONS.find((one) => one === search.top) ?? "model";
  const order = COLUMNS.find((one) => one.order === search.order)?.order ?? "cost";
  // One more, because what has no such thing is left out of the list.
  const top = useTop(period, only, by, order, MOST + 1);
  const rows = (top.data?.items ?? []).filter((one) => one.dimensions[by]).slice(0, MOST);
  return (
    <section className="mt-4 rounded-lg border bg-panel">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-3 py-2">
        <h2 className="font-medium">Most of all</h2>
        <span className="text-sm text-ink-faint">percentiles and sessions {WITHIN}</span>
        <fieldset className="flex flex-wrap gap-1">
          <legend className="sr-only">By</legend>
          {DIMENSIONS.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={by === name}
              onClick={() => change({ top: name })}
              className="h-6 rounded-md px-2 text-ink-soft hover:bg-raised aria-pressed:bg-accent-soft aria-pressed:text-ink"
            >
              {name}
            </button>
          ))}
        </fieldset>
      </header>
      {top.isError && <Failed error={top.error} retry={() => void top.refetch()} />}
      {top.isSuccess && rows.length === 0 && <p className="p-4 text-ink-faint">No {by} was at work in this time</p>}
      {rows.length > 0 && <Ranking by={by} order={order} rows={rows} period={period} only={only} change={change} />}
    </section>
  );
}

function Ranking({
  by,
  order,
  rows,
  period,
  only,
  change,
}: Omit<Props, "search"> & { by: Dimension; order: Order; rows: Measure[] }) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-right">
        <caption className="sr-only">
          By {by}, those with most {order} first; percentiles and sessions {WITHIN}
        </caption>
        <thead className="text-sm text-ink-faint">
          <tr>
            <th scope="col" className="px-3 py-1.5 text-left font-normal">
              {by}
            </th>
            {COLUMNS.map((column) => (
              <th
                key={column.order}
                scope="col"
                aria-sort={order === column.order ? "descending" : "none"}
                className="px-3 font-normal"
              >
                <button
                  type="button"
                  onClick={() => change({ order: column.order })}
                  className={`inline-flex items-center gap-1 py-1.5 hover:text-ink ${order === column.order ? "text-ink" : ""}`}
                >
                  {order === column.order && <ArrowDown aria-hidden className="size-3" />}
                  {column.label}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => {
            const value = one.dimensions[by] ?? "";
            return (
              <tr key={value} className="border-t hover:bg-raised">
                <th scope="row" className="px-3 py-1 text-left font-normal">
                  <span className="flex items-center gap-2">
                    {by === "kind" && <KindGlyph kind={value} />}
                    <Link
                      {...behind({ ...only, [by]: value }, period.since, period.until)}
                      className="max-w-80 truncate text-accent hover:underline"
                    >
                      {value}
                    </Link>
                    <button
                      type="button"
                      aria-label={`Measure only ${value}`}
                      title="Measure only this"
                      onClick={() => change({ [by]: value })}
                      className="grid size-5 place-items-center rounded-sm text-ink-faint hover:bg-sunken hover:text-ink"
                    >
                      <ListFilter aria-hidden className="size-3.5" />
                    </button>
                  </span>
                </th>
                {COLUMNS.map((column) => (
                  <td key={column.order} className="px-3 whitespace-nowrap">
                    {column.tell(one)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
