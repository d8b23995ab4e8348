/** What a span is, in a few lines: kind, name, status, figures. */

import { GitFork, Link2 } from "lucide-react";

import type { Span, Usage } from "@/api/types";
import { Button } from "@/design/button";
import { count, duration, moment, money, timeOfDay } from "@/design/format";
import { KindGlyph } from "@/design/kind";
import { lookOf } from "@/design/kinds";
import { Tooltip } from "@/design/tooltip";
import { useDeeds } from "@/player/deeds";

/** The buckets of tokens, in the order they are told. They exclude each other. */
export const BUCKETS: readonly (readonly [keyof Usage, string, string])[] = [
  ["input", "input", "bg-model"],
  ["cache_read", "read from cache", "bg-knowledge"],
  ["cache_write_5m", "written to cache, 5 min", "bg-wire"],
  ["cache_write_1h", "written to cache, 1 h", "bg-wire"],
  ["output", "output", "bg-tool"],
  ["reasoning", "reasoning", "bg-check"],
  ["audio_in", "audio in", "bg-step"],
  ["audio_out", "audio out", "bg-step"],
  ["image_in", "image in", "bg-other"],
  ["image_out", "image out", "bg-other"],
];

export function Head({ span }: { span: Span }) {
  const failed = span.status === "error";
  const facts = [
    ["Step", String(span.seq)],
    ["Took", span.duration === null ? "still open" : duration(span.duration)],
    ["Cost", money(span.cost)],
    ["Agent", span.agent],
    ["Model", span.model],
    ["Provider", span.provider],
    ["Tool", span.tool === span.name ? null : span.tool],
    ["Iteration", span.iteration === null ? null : String(span.iteration)],
    ["Began", timeOfDay(moment(span.start), true)],
  ].filter(([, told]) => told !== null && told !== "");
  return (
    <header className="border-b px-3 py-2.5">
      <div className="flex items-start gap-2">
        <KindGlyph kind={span.kind} className="mt-1 size-4" />
        <div className="min-w-0 grow">
          <h2 className="text-lg font-medium break-words">{span.name || lookOf(span.kind).label}</h2>
          <p className="text-sm text-ink-faint">
            {lookOf(span.kind).label}
            {failed && <span className="ml-2 rounded-sm bg-bad-soft px-1 text-bad">failed</span>}
            {span.end === null && <span className="ml-2 text-running">open</span>}
          </p>
        </div>
        <Tooltip label="Fork here" keys="f">
          <Button look="bare" aria-label="Fork here" onClick={() => useDeeds.getState().open("fork")}>
            <GitFork aria-hidden className="size-4" />
          </Button>
        </Tooltip>
        <Tooltip label="Copy the link to this place" keys="c">
          <Button
            look="bare"
            aria-label="Copy the link"
            onClick={() => useDeeds.getState().copy({ session: span.session, project: span.project })}
          >
            <Link2 aria-hidden className="size-4" />
          </Button>
        </Tooltip>
      </div>
      {span.status_message && (
        <p className="mt-2 rounded-md bg-bad-soft px-2 py-1 break-words whitespace-pre-wrap text-bad">
          {span.status_message}
        </p>
      )}
      <dl className="mt-2 flex flex-wrap gap-x-5 gap-y-1">
        {facts.map(([name, told]) => (
          <div key={name} className="min-w-0">
            <dt className="text-xs text-ink-faint">{name}</dt>
            <dd className="truncate">{told}</dd>
          </div>
        ))}
      </dl>
      {span.usage.total > 0 && <Tokens usage={span.usage} />}
    </header>
  );
}

function Tokens({ usage }: { usage: Usage }) {
  const used = BUCKETS.filter(([bucket]) => usage[bucket] > 0);
  return (
    <div className="mt-2">
      <div aria-hidden className="flex h-1.5 gap-px overflow-hidden rounded-full">
        {used.map(([bucket, , colour]) => (
          <div key={bucket} className={colour} style={{ width: `${(usage[bucket] / usage.total) * 100}%` }} />
        ))}
      </div>
      <p className="mt-1 flex flex-wrap gap-x-3 text-sm text-ink-soft">
        <span>{count(usage.total)} tokens</span>
        {used.map(([bucket, label, colour]) => (
          <span key={bucket} className="inline-flex items-center gap-1">
            <span aria-hidden className={`size-2 rounded-sm ${colour}`} />
            {count(usage[bucket])} {label}
          </span>
        ))}
      </p>
    </div>
  );
}
