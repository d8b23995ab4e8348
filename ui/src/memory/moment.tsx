/** As of when a collection is looked at: a slider over its changes. */

import { Link } from "@tanstack/react-router";
import { History } from "lucide-react";

import type { MemoryChange } from "@/api/types";
import { useShortcuts } from "@/app/shortcuts";
import { Button } from "@/design/button";
import { day, grouped, moment, timeOfDay } from "@/design/format";
import { Keys } from "@/design/keys";

interface Props {
  /** The newest first. */
  changes: readonly MemoryChange[];
  /** Whether there are older ones. */
  hasMore: boolean;
  at: string | null;
  project: string;
  go: (at: string | undefined) => void;
}

export function Moment({ changes, hasMore, at, project, go }: Props) {
  const inOrder = changes.toReversed();
  const last = inOrder.length - 1;
  const found = at === null ? last : inOrder.findLastIndex(({ position }) => BigInt(position) <= BigInt(at));
  const here = inOrder[found];
  const move = (to: number) => go(to >= last ? undefined : inOrder[Math.max(0, to)]?.position);
  useShortcuts([
    { keys: "[", does: "One change earlier", group: "Memory", run: () => move(found - 1) },
    { keys: "]", does: "One change later", group: "Memory", run: () => move(found + 1) },
    { keys: "0", does: "What is remembered now", group: "Memory", run: () => go(undefined) },
  ]);
  if (last < 0) return null;
  return (
    <div
      className={`flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md px-2 py-1 ${at === null ? "bg-sunken" : "bg-warn-soft"}`}
    >
      <History aria-hidden className={`size-4 shrink-0 ${at === null ? "text-ink-faint" : "text-warn"}`} />
      <input
        type="range"
        min={0}
        max={Math.max(1, last)}
        step={1}
        value={last === 0 ? 1 : Math.max(0, found)}
        disabled={last === 0}
        aria-label="As of"
        aria-valuetext={at === null ? "now" : told(here)}
        onChange={(event) => move(Number(event.target.value))}
        className="h-4 min-w-32 grow accent-(--accent)"
      />
      <p className="text-sm text-ink-soft">
        {at === null ? (
          <>
            <span className="font-medium text-ink">Now</span>, after {hasMore ? "more than " : ""}
            {grouped(changes.length)} {changes.length === 1 && !hasMore ? "change" : "changes"}
          </>
        ) : (
          <>
            <span className="font-medium text-ink">As it was at {told(here)}</span>
            {here && <By change={here} project={project} />}
          </>
        )}
      </p>
      {at !== null && <Button onClick={() => go(undefined)}>Back to now</Button>}
      {last > 0 && (
        <span className="hidden gap-1 lg:inline-flex">
          <Keys keys="[" />
          <Keys keys="]" />
        </span>
      )}
    </div>
  );
}

function told(change: MemoryChange | undefined): string {
  if (!change) return "a moment before all that is shown";
  const then = moment(change.changed);
  return `${timeOfDay(then, true)}, ${day(then)}`;
}

/** What the change was, and where it was made. */
function By({ change, project }: { change: MemoryChange; project: string }) {
  const { written, removed, author } = change;
  const parts = [written ? `${grouped(written)} written` : "", removed ? `${grouped(removed)} removed` : ""];
  return (
    <>
      {" "}
      · {parts.filter(Boolean).join(", ")}
      {author && (
        <>
          {" in "}
          <Link
            to="/sessions/$session"
            params={{ session: author.session }}
            search={{ project, ...(author.span_id ? { span: author.span_id } : {}) }}
            className="text-accent underline underline-offset-2"
          >
            a session
          </Link>
        </>
      )}
    </>
  );
}
