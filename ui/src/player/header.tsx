/** What session it is: name, status, figures, family; and what can be done with it. */

import * as Menu from "@radix-ui/react-dropdown-menu";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronLeft, GitFork, History, Pencil } from "lucide-react";
import { lazy, Suspense } from "react";

import { get } from "@/api/client";
import type { MemberPage, Session } from "@/api/types";
import { Button } from "@/design/button";
import { ago, count, duration, grouped, money } from "@/design/format";
import { StatusMark } from "@/design/kind";
import { Tooltip } from "@/design/tooltip";
import { useDeeds } from "@/player/deeds";
import type { Which } from "@/player/load";

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

/** What the session was forked from and what was forked from it; nothing, where it stands alone. */
function Family({ told, which }: { told: Session; which: Which }) {
  const family = useQuery({
    queryKey: ["family", which.project, which.session],
    queryFn: ({ signal }) => get<MemberPage>(`/sessions/${which.session}/family`, { project: which.project }, signal),
  });
  const members = family.data?.items ?? [];
  if (members.length < 2) return null;
  return (
    <Menu.Root>
      <Menu.Trigger asChild>
        <button
          type="button"
          className="inline-flex h-6 shrink-0 items-center gap-1 rounded-md border px-1.5 text-sm text-ink-soft hover:bg-raised"
        >
          <GitFork aria-hidden className="size-3.5" />
          {told.origin
            ? `Fork at ${told.origin.seq}`
            : `${members.length - 1} ${members.length === 2 ? "fork" : "forks"}`}
        </button>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content
          align="start"
          sideOffset={4}
          className="z-40 max-h-96 w-96 max-w-[calc(100vw-2rem)] overflow-y-auto rounded-md border bg-panel p-1 shadow-raised"
        >
          <Menu.Label className="px-2 py-1 text-sm text-ink-faint">Family</Menu.Label>
          {members.map(({ depth, row }) => (
            <Menu.Item key={row.id} asChild>
              <Link
                to="/sessions/$session"
                params={{ session: row.id }}
                search={{ project: row.project, ...(row.origin ? { at: row.origin.seq } : {}) }}
                className="flex items-center gap-2 rounded-md py-1 pr-2 outline-none data-[highlighted]:bg-raised"
                style={{ paddingLeft: 8 + depth * 16 }}
              >
                <StatusMark status={row.status} bare />
                <span className={`grow truncate ${row.id === told.id ? "font-medium" : ""}`}>{row.name || row.id}</span>
                {row.origin && <span className="text-sm text-ink-faint">at {row.origin.seq}</span>}
                <span className="text-sm text-ink-faint">{ago(row.started)}</span>
              </Link>
            </Menu.Item>
          ))}
          {told.origin && (
            <Menu.Item asChild>
              <Link
                to="/compare"
                search={{ before: told.origin.session, after: told.id, project: told.project }}
                className="mt-1 block rounded-md border-t px-2 py-1 text-accent outline-none data-[highlighted]:bg-raised"
              >
                Compare with what it was forked from
              </Link>
            </Menu.Item>
          )}
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}
