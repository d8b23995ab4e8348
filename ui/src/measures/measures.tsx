/** What was used, by time and by what: cost, tokens, durations, errors. Every number leads to the sessions behind it. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { useShortcuts } from "@/app/shortcuts";
import { Failed, Loading, Quiet } from "@/design/quiet";
import { useSeries, useSplit, useTop, useWhole } from "@/measures/asking";
import { behind, DIMENSIONS, type Dimension, type Only } from "@/measures/behind";
import { Chart } from "@/measures/chart";
import { chartsOf } from "@/measures/charts";
import { RANKED } from "@/measures/colours";
import { Controls } from "@/measures/controls";
import { Headline } from "@/measures/headline";
import { bucketsOf, type Period, periodOf, RANGES, WIDTHS } from "@/measures/period";
import { Top } from "@/measures/top";

export type Change = Record<string, string | number | undefined>;

export function Measures() {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const change = (changed: Change) =>
    void navigate({ to: "/measures", search: (before) => ({ ...before, ...changed }), replace: true });
  const period = usePeriod(search);
  const only = onlyOf(search);
  const by = DIMENSIONS.find((one) => one === search.by) ?? null;

  useShortcuts(
    RANGES.map(({ name, label }, index) => ({
      keys: String(index + 1),
      does: `Measure: ${label}`,
      group: "Measures",
      run: () => change({ range: name, since: undefined, until: undefined }),
    })),
  );
  const whole = useWhole(period, only);
  if (whole.isPending) return <Loading what="Measuring" />;
  if (whole.isError) return <Failed error={whole.error} retry={() => void whole.refetch()} />;
  const measured = whole.data.items[0];
  return (
    <div className="flex h-full flex-col">
      <Controls search={search} only={only} by={by} change={change} />
      {measured ? (
        <div className="min-h-0 grow overflow-y-auto p-4">
          <Headline measure={measured} period={period} only={only} />
          <Charts period={period} only={only} by={by} change={change} />
          <Top period={period} only={only} search={search} change={change} />
        </div>
      ) : (
        <Quiet title="Nothing was measured in this time">
          <p>Finished spans are measured. Choose a longer time, or take away what narrows it.</p>
        </Quiet>
      )}
    </div>
  );
}

function Charts({
  period,
  only,
  by,
  change,
}: {
  period: Period;
  only: Only;
  by: Dimension | null;
  change: (changed: Change) => void;
}) {
  const navigate = useNavigate();
  const series = useSeries(period, only);
  const ranked = useTop(period, only, by ?? "kind", "cost", RANKED.length + 1);
  const values = (by === null ? [] : (ranked.data?.items ?? []))
    .flatMap((one) => one.dimensions[by ?? "kind"] ?? [])
    .slice(0, RANKED.length);
  const parts = useSplit(period, only, by ?? "kind", values);
  const answers = parts.map((part) => part.data);
  const buckets = useMemo(() => bucketsOf(period), [period]);
  // The list of answers is new each time; what is in it is not.
  // biome-ignore lint/correctness/useExhaustiveDependencies: spread below
  const charts = useMemo(
    () =>
      chartsOf(
        buckets,
        series.data?.items ?? [],
        by,
        values.map((value, place) => ({ value, measures: answers[place]?.items ?? [] })),
      ),
    [buckets, series.data, by, values.join("\n"), ...answers],
  );
  if (series.isError) return <Failed error={series.error} retry={() => void series.refetch()} />;
  const behindBucket = (start: number) => behind(only, start, start + WIDTHS[period.grain]);
  return (
    <div className="mt-4 grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-2 2xl:grid-cols-3">
      {charts.map(({ name, ...told }) => (
        <Chart
          key={name}
          buckets={buckets}
          grain={period.grain}
          behind={behindBucket}
          pick={(start) => void navigate(behindBucket(start))}
          zoom={(since, until) => change({ range: undefined, since: Math.floor(since), until: Math.ceil(until) })}
          {...told}
        />
      ))}
    </div>
  );
}

/** The period in force. It moves on with the clock, a bucket at a time. */
function usePeriod(search: Record<string, unknown>): Period {
  const { since, until, grain } = periodOf(search, Date.now());
  return useMemo(() => ({ since, until, grain }), [since, until, grain]);
}

function onlyOf(search: Record<string, unknown>): Only {
  return Object.fromEntries(
    DIMENSIONS.flatMap((name) => (search[name] === undefined ? [] : [[name, String(search[name])]])),
  );
}
