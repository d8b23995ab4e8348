/** Cost, tokens and errors of today and of seven days, at a glance. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { get, type Page } from "@/api/client";
import type { Measure } from "@/api/types";
import { count, money, WITHIN } from "@/design/format";
import { useNow } from "@/design/now";
import { firstHour, type Hour, hoursOf, midnight, nanoseconds } from "@/home/figures";

const AGAIN = 15_000;
const HEIGHT = 56;

function useMeasures(project: string | undefined, since: number, grain: "all" | "hour") {
  return useQuery({
    queryKey: ["measures", "glance", project ?? null, since, grain],
    queryFn: ({ signal }) => get<Page<Measure>>("/measures", { project, since: nanoseconds(since), grain }, signal),
    refetchInterval: AGAIN,
    placeholderData: keepPreviousData,
  });
}

export function Glance({ project }: { project: string | undefined }) {
  const now = useNow();
  const [today, first] = [midnight(now), firstHour(now)];
  const ofToday = useMeasures(project, today, "all");
  const ofWeek = useMeasures(project, first, "all");
  const hourly = useMeasures(project, first, "hour");
  return (
    <section
      aria-label="At a glance"
      className="grid grid-cols-[minmax(0,1fr)] divide-y rounded-lg border bg-panel lg:grid-cols-[auto_auto_minmax(0,1fr)] lg:divide-x lg:divide-y-0"
    >
      <Figures title="Today" measure={ofToday.data?.items[0]} isKnown={ofToday.data !== undefined} />
      <Figures title="7 days" measure={ofWeek.data?.items[0]} isKnown={ofWeek.data !== undefined} />
      <div className="flex min-w-0 flex-col gap-1 p-3">
        <Link
          to="/measures"
          search={{ project }}
          className="flex items-baseline gap-2 text-sm text-ink-faint hover:text-ink"
        >
          Spans by hour <span className="ml-auto">All measures</span>
        </Link>
        {hourly.data && <Bars hours={hoursOf(hourly.data.items, first)} />}
      </div>
    </section>
  );
}

function Figures({ title, measure, isKnown }: { title: string; measure: Measure | undefined; isKnown: boolean }) {
  // Where nothing was measured the counts are zero; where nobody answered yet they are not known.
  const number = (of: (measure: Measure) => number) => (measure ? count(of(measure)) : isKnown ? "0" : "—");
  const figures = [
    { name: "Cost", told: measure ? costOf(measure) : isKnown ? "$0" : "—" },
    { name: "Tokens", told: number((one) => one.usage.total) },
    { name: `Sessions, ${WITHIN}`, told: number((one) => one.sessions) },
    { name: "Errors", told: number((one) => one.errors), isBad: (measure?.errors ?? 0) > 0 },
  ];
  return (
    <div className="p-3">
      <h2 className="mb-1 text-sm text-ink-faint">{title}</h2>
      <dl className="flex flex-wrap gap-x-6 gap-y-1">
        {figures.map(({ name, told, isBad }) => (
          <div key={name} className="flex flex-col-reverse">
            <dt className="text-sm text-ink-soft">{name}</dt>
            <dd className={`text-xl font-medium tabular-nums ${isBad ? "text-bad" : ""}`}>{told}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Where models were used and nothing was charged, no price is known. */
function costOf({ cost, usage }: Measure): string {
  return money(cost === 0 && usage.total > 0 ? null : cost);
}

/** A bar for each hour, its errors in their colour and hatched by a line at their top. */
function Bars({ hours }: { hours: readonly Hour[] }) {
  const most = Math.max(1, ...hours.map((hour) => hour.spans));
  const spans = hours.reduce((sum, hour) => sum + hour.spans, 0);
  const errors = hours.reduce((sum, hour) => sum + hour.errors, 0);
  const high = (value: number) => (value ? Math.max(1, (value / most) * HEIGHT) : 0);
  return (
    <svg
      role="img"
      aria-label={`${count(spans)} spans in 7 days, ${count(errors)} of them errors`}
      viewBox={`0 0 ${hours.length * 4} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-14 w-full"
    >
      {hours.map(({ start, spans, errors }, place) => (
        <g key={start}>
          <title>{`${new Date(start).toLocaleString()}: ${count(spans)} spans, ${count(errors)} errors`}</title>
          <rect x={place * 4} width={3} y={HEIGHT - high(spans)} height={high(spans)} className="fill-accent" />
          <rect x={place * 4} width={3} y={HEIGHT - high(errors)} height={high(errors)} className="fill-bad" />
          <rect x={place * 4} width={4} y={0} height={HEIGHT} className="fill-transparent" />
        </g>
      ))}
      <line x1={0} x2={hours.length * 4} y1={HEIGHT} y2={HEIGHT} className="stroke-line-strong" />
    </svg>
  );
}
