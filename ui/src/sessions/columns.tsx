/** The columns of the list of sessions: what each is called, how wide it is, and what it shows of a session. */

import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";

import type { Session } from "@/api/types";
import { ago, count, duration, grouped, moment, money } from "@/design/format";
import { StatusMark } from "@/design/kind";
import { useNow } from "@/design/now";
import { Sparkline } from "@/design/sparkline";
import type { ColumnId } from "@/sessions/asked";

export interface Column {
  label: string;
  /** The least width, in rem. */
  width: number;
  /** Whether it takes what room is left. */
  grows?: number;
  isNumber?: boolean;
  show: (session: Session) => ReactNode;
}

const NONE = <span className="text-ink-faint">—</span>;

export const COLUMNS: Record<ColumnId, Column> = {
  name: { label: "Name", width: 11.5, grows: 2, show: () => null },
  status: { label: "Status", width: 7, show: (session) => <StatusMark status={session.status} /> },
  project: { label: "Project", width: 5.5, show: (session) => session.project },
  agent: { label: "Agent", width: 5.5, show: (session) => <Agent session={session} /> },
  shape: {
    label: "Shape",
    width: 5.25,
    show: ({ summary }) => <Sparkline kinds={summary.kinds} spans={summary.spans} errors={summary.errors} />,
  },
  started: { label: "Started", width: 8, show: (session) => <Started time={session.started} /> },
  duration: { label: "Duration", width: 5, isNumber: true, show: (session) => <Lasted session={session} /> },
  spans: { label: "Spans", width: 3.5, isNumber: true, show: ({ summary }) => <Figure value={summary.spans} /> },
  errors: { label: "Errors", width: 3.5, isNumber: true, show: ({ summary }) => <Errors value={summary.errors} /> },
  model: { label: "Model", width: 7, grows: 1, show: ({ summary }) => <Most counts={summary.models} /> },
  tools: { label: "Tools", width: 9, grows: 1, show: ({ summary }) => <Most counts={summary.tools} /> },
  tokens: { label: "Tokens", width: 4, isNumber: true, show: ({ summary }) => <Figure value={summary.usage.total} /> },
  cost: { label: "Cost", width: 5, isNumber: true, show: ({ summary }) => money(costOf(summary)) },
  source: { label: "Source", width: 5.5, show: (session) => session.source || NONE },
  labels: { label: "Labels", width: 5, grows: 1, show: (session) => <Labels labels={session.labels} /> },
};

/** The cost that is known: where models were used and nothing was charged, no price is known. */
export function costOf({ cost, usage }: Pick<Session["summary"], "cost" | "usage">): number | null {
  return cost === 0 && usage.total > 0 ? null : cost;
}

/** What a window as narrow as a phone has room for. */
export const NARROW: readonly ColumnId[] = ["name", "started", "cost"];
const NARROW_TRACKS = "1.25rem minmax(0, 1fr) 6rem 5rem";

/** The tracks of a grid with these columns, behind the one that chooses. */
export function tracksOf(columns: readonly ColumnId[]): { tracks: string; least: string } {
  if (columns === NARROW) return { tracks: NARROW_TRACKS, least: "0" };
  const parts = columns.map((id) => COLUMNS[id]);
  const tracks = parts.map(({ width, grows }) => (grows ? `minmax(${width}rem, ${grows}fr)` : `${width}rem`));
  return {
    tracks: `1.25rem ${tracks.join(" ")}`,
    least: `${parts.reduce((sum, { width }) => sum + width, 1.25) + (parts.length + 3) * 0.5}rem`,
  };
}

function Figure({ value }: { value: number }) {
  return <span title={grouped(value)}>{count(value)}</span>;
}

function Errors({ value }: { value: number }) {
  if (!value) return <span className="text-ink-faint">0</span>;
  return (
    <span className="inline-flex items-center gap-1 text-bad">
      <CircleAlert aria-hidden className="size-3" />
      {count(value)}
    </span>
  );
}

export function Started({ time }: { time: string }) {
  const now = useNow();
  return (
    <time dateTime={moment(time).toISOString()} title={moment(time).toLocaleString()} className="text-ink-soft">
      {ago(time, now)}
    </time>
  );
}

/** How long a session took; of one that runs, how long it has been running. */
export function Lasted({ session }: { session: Session }) {
  return session.status === "running" ? <Running since={session.started} /> : duration(session.duration);
}

function Running({ since }: { since: string }) {
  const seconds = Math.max(0, Math.floor((useNow() - moment(since).getTime()) / 1000));
  return <span className="text-running">{duration(BigInt(seconds) * 1_000_000_000n)}</span>;
}

/** What was used most, and how many others. */
/** Whose session it is; where nobody said so, who was at work in it. */
export function Agent({ session: { agent, summary } }: { session: Session }) {
  return agent ?? <Most counts={summary.agents} />;
}

export function Most({ counts }: { counts: Record<string, number> }) {
  const names = Object.entries(counts).toSorted(([, one], [, other]) => other - one);
  const [first] = names;
  if (!first) return NONE;
  return (
    <span className="flex min-w-0 gap-1" title={names.map(([name, many]) => `${name} × ${many}`).join("\n")}>
      <span className="truncate">{first[0]}</span>
      {names.length > 1 && <span className="shrink-0 text-ink-faint">+{names.length - 1}</span>}
    </span>
  );
}

function Labels({ labels }: { labels: Record<string, string> }) {
  const told = Object.entries(labels).map(([key, value]) => (value ? `${key}=${value}` : key));
  const [first] = told;
  if (!first) return null;
  return (
    <span className="flex min-w-0 gap-1" title={told.join("\n")}>
      <span className="min-w-0 truncate rounded-sm bg-raised px-1.5 text-sm text-ink-soft">{first}</span>
      {told.length > 1 && <span className="shrink-0 text-sm text-ink-faint">+{told.length - 1}</span>}
    </span>
  );
}
