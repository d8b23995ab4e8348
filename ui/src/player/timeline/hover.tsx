/** What is told of a span that the pointer is over. */

import { clock, count, duration, money } from "@/design/format";
import { KindGlyph } from "@/design/kind";
import { lookOf } from "@/design/kinds";
import { titleOf } from "@/player/model/outline";
import { type Recording, wordOf } from "@/player/model/recording";

export function Hover({ recording, index }: { recording: Recording; index: number }) {
  const kind = wordOf(recording.kind, index) ?? "";
  const start = recording.start[index] as number;
  const end = recording.end[index] as number;
  const cost = recording.cost[index] as number;
  const tokens = recording.tokens[index] as number;
  const facts = [
    ["Step", String(index + 1)],
    ["Began at", clock(start, recording.last)],
    ["Took", Number.isNaN(end) ? "still open" : duration(Math.round(end - start))],
    ["Agent", wordOf(recording.agent, index)],
    ["Model", wordOf(recording.model, index)],
    ["Tokens", tokens ? count(tokens) : null],
    ["Cost", Number.isNaN(cost) ? null : money(cost)],
  ].filter(([, told]) => told);
  return (
    <div role="tooltip" className="w-72 rounded-md border bg-panel px-2.5 py-2 text-sm shadow-raised">
      <p className="mb-1 flex items-center gap-1.5 font-medium">
        <KindGlyph kind={kind} />
        <span className="truncate">{titleOf(recording, index)}</span>
      </p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-ink-soft">
        <dt>Kind</dt>
        <dd>
          {lookOf(kind).label}
          {wordOf(recording.status, index) === "error" && <strong className="font-medium text-bad"> · failed</strong>}
        </dd>
        {facts.map(([name, told]) => (
          <div key={name} className="contents">
            <dt>{name}</dt>
            <dd className="truncate text-ink">{told}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
