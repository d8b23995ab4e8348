/** What else a span tells of itself: attributes, events, links, where it comes from. */

import type { Span } from "@/api/types";
import { duration } from "@/design/format";
import { Section } from "@/player/inspector/section";
import type { Which } from "@/player/load";
import { indexOf } from "@/player/model/recording";
import { usePlayer } from "@/player/state";
import { JsonTree } from "@/player/value/json-tree";
import { Value } from "@/player/value/value";

export function Facts({ span }: { span: Span; which: Which }) {
  const from = { ...span.resource, ...span.scope };
  return (
    <>
      <Entries title="Attributes" fields={span.attributes} dropped={span.dropped_attributes} />
      {span.events.length > 0 && (
        <Section title="Events" aside={span.events.length}>
          <ol className="flex flex-col gap-2">
            {span.events.map((event, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: events never change their order
              <li key={index}>
                <p className="flex gap-2">
                  <span className="font-medium">{event.name}</span>
                  <span className="text-ink-faint">{after(span.start, event.time)}</span>
                </p>
                {Object.keys(event.attributes).length > 0 && <JsonTree value={event.attributes} />}
              </li>
            ))}
          </ol>
          <Dropped many={span.dropped_events} />
        </Section>
      )}
      {span.links.length > 0 && (
        <Section title="Links" aside={span.links.length}>
          <ul className="font-mono text-sm">
            {span.links.map((link) => (
              <li key={`${link.trace_id}/${link.span_id}`}>
                <LinkTo id={link.span_id} label={`${link.trace_id}/${link.span_id}`} />
              </li>
            ))}
          </ul>
          <Dropped many={span.dropped_links} />
        </Section>
      )}
      <Entries title="Emitted by" fields={from} closed />
      <Section title="Ids" closed>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 font-mono text-sm">
          {[
            ["session", span.session],
            ["trace", span.trace_id],
            ["span", span.span_id],
            ["parent", span.parent_id],
            ...span.kept.map(({ role, hash }) => [role, hash]),
          ].map(([name, id]) => (
            <div key={`${name} ${id}`} className="contents">
              <dt className="text-ink-faint">{name}</dt>
              <dd className="truncate select-all">{id ?? "—"}</dd>
            </div>
          ))}
        </dl>
      </Section>
    </>
  );
}

function Entries({
  title,
  fields,
  dropped = 0,
  closed = false,
}: {
  title: string;
  fields: Record<string, unknown>;
  dropped?: number;
  closed?: boolean;
}) {
  const entries = Object.entries(fields);
  if (entries.length === 0) return null;
  return (
    <Section title={title} aside={entries.length} closed={closed}>
      <dl className="grid grid-cols-[minmax(6rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-0.5 text-sm">
        {entries.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="max-w-52 font-mono break-words text-ink-faint">{name}</dt>
            <dd className="min-w-0 break-words">
              {typeof value === "object" && value !== null ? (
                <JsonTree value={value} />
              ) : typeof value === "string" && value.length > 200 ? (
                <Value value={value} />
              ) : (
                String(value)
              )}
            </dd>
          </div>
        ))}
      </dl>
      <Dropped many={dropped} />
    </Section>
  );
}

function Dropped({ many }: { many: number }) {
  if (!many) return null;
  return <p className="mt-1 text-sm text-warn">{many} more were dropped before they came here.</p>;
}

function LinkTo({ id, label }: { id: string; label: string }) {
  const recording = usePlayer((state) => state.recording);
  const index = recording ? indexOf(recording, id) : -1;
  if (index < 0) return <span className="break-all">{label}</span>;
  return (
    <button
      type="button"
      className="break-all text-accent hover:underline"
      onClick={() => usePlayer.getState().select(index)}
    >
      {label}
    </button>
  );
}

function after(start: string, time: string): string {
  const passed = BigInt(time) - BigInt(start);
  return passed < 0n ? `${duration(-passed)} before the start` : `after ${duration(passed)}`;
}
