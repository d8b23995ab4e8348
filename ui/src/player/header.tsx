/** What session it is: name, status, figures, family; and what can be done with it. */

import { Link } from "@tanstack/react-router";
import { ChevronLeft, GitFork, History, Pencil } from "lucide-react";
import { lazy, Suspense } from "react";

import type { Session } from "@/api/types";
import { Button } from "@/design/button";
import { ago, count, duration, grouped, money } from "@/design/format";
import { StatusMark } from "@/design/kind";
import { later } from "@/design/later";
import { Tooltip } from "@/design/tooltip";
import { useDeeds } from "@/player/deeds";
import type { Which } from "@/player/load";
import { SessionScores } from "@/player/scores";

const Family = later(async () => (await import("@/player/family")).Family);
const Dialogs = lazy(() => import("@/player/fork/dialogs"));

export function Header({ told, which }: { told: Session; which: Which }) {
  const { summary } = told;
  const { open, dialog, told: news } = useDeeds();
  const figures = [
    [grouped(summary.spans), summary.spans === 1 ? "span" : "spans"],
    [duration(told.duration), told.status === "running" ? "so far" : ""],
    [summary.usage.total ? count(summary.usage.total) : null, "tokens"],
    [summary.usage.total || summary.cost ? money(summary.cost) : null, ""],
    [summary.errors ? count(summary.errors) : null, "failed"],
  ].filter(([figure]) => figure);
  return (
    <header className="flex h-11 min-w-0 items-center gap-2 border-b px-2">
      <Tooltip label="All sessions" keys="g s">
        <Link
          to="/sessions"
          aria-label="All sessions"
          className="grid size-7 shrink-0 place-items-center rounded-md text-ink-faint hover:bg-raised hover:text-ink"
        >
          <ChevronLeft aria-hidden className="size-4" />
        </Link>
      </Tooltip>
      <StatusMark status={told.status} bare />
      <h1 className="min-w-0 truncate text-lg font-medium">{told.name || told.id}</h1>
      <span className="hidden sm:block">
        <Tooltip label="Rename the session" keys="n">
          <Button look="bare" aria-label="Rename the session" onClick={() => open("rename")}>
            <Pencil aria-hidden className="size-3.5" />
          </Button>
        </Tooltip>
      </span>
      {told.agent && told.agent !== told.name && (
        <span className="hidden truncate text-ink-faint lg:inline">{told.agent}</span>
      )}
      <Family told={told} which={which} />
      <SessionScores which={which} />
      <dl className="ml-auto hidden shrink-0 gap-4 pl-3 text-sm md:flex">
        {figures.map(([figure, unit]) => (
          <div key={`${unit}${figure}`} className={unit === "failed" ? "text-bad" : "text-ink-soft"}>
            <dd className="inline text-ink tabular-nums">{figure}</dd> <dt className="inline text-ink-faint">{unit}</dt>
          </div>
        ))}
        <div className="hidden text-ink-faint xl:block">
          <dt className="sr-only">Began</dt>
          <dd>{ago(told.started)}</dd>
        </div>
      </dl>
      <div className="ml-auto flex shrink-0 gap-1 md:ml-2">
        <Tooltip label="Run the program again from the recording" keys="r">
          <Button onClick={() => open("replay")}>
            <History aria-hidden className="size-3.5" />
            <span className="hidden sm:inline">Replay</span>
          </Button>
        </Tooltip>
        <Tooltip label="Go on from this step with something changed" keys="f">
          <Button onClick={() => open("fork")}>
            <GitFork aria-hidden className="size-3.5" />
            <span className="hidden sm:inline">Fork</span>
          </Button>
        </Tooltip>
      </div>
      <p
        role="status"
        className={
          news
            ? "fixed bottom-6 left-1/2 z-50 -translate-x-1/2 rounded-md border bg-panel px-3 py-1.5 shadow-raised"
            : "sr-only"
        }
      >
        {news}
      </p>
      {dialog && (
        <Suspense>
          <Dialogs which={which} told={told} />
        </Suspense>
      )}
    </header>
  );
}
