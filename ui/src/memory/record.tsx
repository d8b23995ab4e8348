/** One record: what it says, where it is from, what is known of it, and all its versions. */

import { Link } from "@tanstack/react-router";
import { ChevronLeft, Trash2 } from "lucide-react";
import type { ReactNode } from "react";

import type { ToldRecord } from "@/api/types";
import { useShortcuts } from "@/app/shortcuts";
import { Button } from "@/design/button";
import { day, moment, timeOfDay } from "@/design/format";
import { Failed, Loading } from "@/design/quiet";
import { Tooltip } from "@/design/tooltip";
import { useVersions } from "@/memory/asking";
import { type Change, type Collection, holds, spotIn, versionAt } from "@/memory/place";
import { Versions } from "@/memory/versions";

interface Props {
  whose: Collection;
  id: string;
  /** The position as of which it is looked at; null for now. */
  at: string | null;
  stamp: string;
  change: (changed: Change) => unknown;
  /** Have somebody ask how it is to end. */
  end: (record: ToldRecord) => void;
}

export function RecordShown({ whose, id, at, stamp, change, end }: Props) {
  const versions = useVersions(whose, id, stamp);
  const items = versions.data?.items ?? [];
  const shown = versionAt(items, at);
  const held = items[0]?.text == null ? null : items[0];
  const close = () => change({ record: undefined });
  useShortcuts([
    { keys: "escape", does: "Close the record", group: "Memory", run: close },
    { keys: "delete", does: "Let the record end", group: "Memory", run: () => held && end(held) },
  ]);
  return (
    <section aria-label="Record" className="flex h-full min-h-0 flex-col">
      <header className="flex h-10 items-center gap-2 border-b px-2">
        <Tooltip label="Close the record" keys="escape">
          <Button look="bare" aria-label="Close the record" onClick={close}>
            <ChevronLeft aria-hidden className="size-4" />
          </Button>
        </Tooltip>
        <h2 className="min-w-0 grow truncate font-mono text-sm text-ink-soft" title={id}>
          {id}
        </h2>
        {held && (
          <Tooltip label="Let it expire, remove it, or forget it for good" keys="delete">
            <Button onClick={() => end(held)}>
              <Trash2 aria-hidden className="size-3.5" />
              Forget
            </Button>
          </Tooltip>
        )}
      </header>
      {versions.error ? (
        <Failed error={versions.error} retry={() => void versions.refetch()} />
      ) : !versions.data ? (
        <Loading what="Reading the record" />
      ) : (
        <div className="min-h-0 grow overflow-y-auto p-4">
          {shown ? <Said record={shown} project={whose.project} /> : <p>It was not there yet.</p>}
          <Versions versions={items} hasMore={versions.data.next !== null} shown={shown} change={change} />
        </div>
      )}
    </section>
  );
}

function Said({ record, project }: { record: ToldRecord; project: string }) {
  const then = BigInt(Date.now()) * 1_000_000n;
  if (record.text === null) return <p className="text-ink-soft">It was removed {told(record.changed)}.</p>;
  const metadata = Object.entries(record.metadata);
  return (
    <>
      <p className="text-lg break-words whitespace-pre-wrap">{record.text}</p>
      <dl className="mt-4 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        <Line name="From">
          <Origin source={record.source} project={project} />
        </Line>
        {record.author && <Line name="Said by">{record.author}</Line>}
        <Line name="Importance">{record.importance}</Line>
        {record.valid_from !== null && <Line name="Holds from">{told(record.valid_from)}</Line>}
        {record.valid_until !== null && (
          <Line name={holds(record, then) ? "Holds until" : "Held until"}>{told(record.valid_until)}</Line>
        )}
        {metadata.map(([name, value]) => (
          <Line key={name} name={name}>
            <span className="font-mono text-sm">{typeof value === "string" ? value : JSON.stringify(value)}</span>
          </Line>
        ))}
        {record.merged.length > 0 && (
          <Line name="In place of">
            <span className="font-mono text-sm">{record.merged.join(", ")}</span>
          </Line>
        )}
      </dl>
    </>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-faint">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

/** Where it is from, with the way there. */
function Origin({ source, project }: { source: ToldRecord["source"]; project: string }) {
  const spot = spotIn(source);
  if (!spot && source.session === null) return "nobody said where from";
  return (
    <span className="flex flex-wrap gap-x-2">
      {spot && <span className="break-all">{spot}</span>}
      {source.session !== null && (
        <Link
          to="/sessions/$session"
          params={{ session: source.session }}
          search={{ project, ...(source.span_id === null ? {} : { span: `${source.trace_id}/${source.span_id}` }) }}
          className="text-accent underline underline-offset-2"
        >
          {source.span_id === null ? "Open its session" : "Open its step in the session"}
        </Link>
      )}
    </span>
  );
}

function told(nanoseconds: string): string {
  const then = moment(nanoseconds);
  return `${day(then)}, ${timeOfDay(then, true)}`;
}
