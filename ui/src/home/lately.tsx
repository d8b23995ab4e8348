/** Sessions on the start page: those that run now, and the last ones. */

import { Link } from "@tanstack/react-router";
import { memo } from "react";

import type { Session } from "@/api/types";
import { count, money } from "@/design/format";
import { StatusMark } from "@/design/kind";
import { Sparkline } from "@/design/sparkline";
import { Agent, costOf, Lasted, Started } from "@/sessions/columns";

export function Running({ sessions, hasMore }: { sessions: readonly Session[]; hasMore: boolean }) {
  if (!sessions.length) return null;
  return (
    <section aria-labelledby="running">
      <h2 id="running" className="mb-2 flex items-center gap-2 font-medium">
        <span aria-hidden className="size-2 animate-pulse rounded-full bg-running" />
        Running now
        <span className="text-ink-faint tabular-nums">
          {sessions.length}
          {hasMore && "+"}
        </span>
      </h2>
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-2 md:grid-cols-2 xl:grid-cols-3">
        {sessions.map((session) => (
          <li key={`${session.project} ${session.id}`} className="min-w-0">
            <Card session={session} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const Card = memo(function Card({ session }: { session: Session }) {
  const { summary } = session;
  return (
    <Link
      to="/sessions/$session"
      params={{ session: session.id }}
      search={{ project: session.project }}
      className="block rounded-lg border bg-panel p-3 hover:border-line-strong hover:bg-raised"
    >
      <div className="flex items-center gap-2">
        <StatusMark status={session.status} bare />
        <span className="truncate font-medium">{session.name || session.id}</span>
        <span className="ml-auto shrink-0 tabular-nums">
          <Lasted session={session} />
        </span>
      </div>
      <div className="mt-2 flex items-center gap-3 text-sm text-ink-soft">
        <Sparkline kinds={summary.kinds} spans={summary.spans} errors={summary.errors} isTight />
        <span className="truncate">{session.agent ?? session.project}</span>
        <span className="ml-auto shrink-0 tabular-nums">{count(summary.spans)} spans</span>
        <span className="shrink-0 tabular-nums">{money(costOf(summary))}</span>
      </div>
    </Link>
  );
});

const ROW =
  "grid grid-cols-[minmax(0,1fr)_6rem_4.5rem] items-center gap-3 border-b px-3 py-1.5 whitespace-nowrap hover:bg-raised md:grid-cols-[minmax(0,3fr)_minmax(0,1fr)_5rem_8.5rem_5rem_4.5rem]";

export function Lately({ sessions, project }: { sessions: readonly Session[]; project: string | undefined }) {
  return (
    <section aria-labelledby="lately">
      <h2 id="lately" className="mb-2 flex items-baseline font-medium">
        Last sessions
        <Link to="/sessions" search={{ project }} className="ml-auto font-normal text-ink-faint hover:text-ink">
          All sessions
        </Link>
      </h2>
      <ul className="overflow-hidden rounded-lg border bg-panel">
        {sessions.map((session) => (
          <li key={`${session.project} ${session.id}`} className="last:[&>a]:border-b-0">
            <Line session={session} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const Line = memo(function Line({ session }: { session: Session }) {
  const { summary } = session;
  return (
    <Link
      to="/sessions/$session"
      params={{ session: session.id }}
      search={{ project: session.project }}
      className={ROW}
    >
      <span className="flex min-w-0 items-center gap-2">
        <StatusMark status={session.status} bare />
        <span className="truncate">{session.name || session.id}</span>
      </span>
      <span className="truncate text-ink-soft max-md:hidden">
        <Agent session={session} />
      </span>
      <span className="max-md:hidden">
        <Sparkline kinds={summary.kinds} spans={summary.spans} errors={summary.errors} />
      </span>
      <span className="truncate">
        <Started time={session.started} />
      </span>
      <span className="text-right tabular-nums max-md:hidden">
        <Lasted session={session} />
      </span>
      <span className="text-right tabular-nums">{money(costOf(summary))}</span>
    </Link>
  );
});
