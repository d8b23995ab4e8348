/** The call as it crossed the boundary. */

import type { Exchange, Side } from "@/api/types";
import { bytes, grouped } from "@/design/format";
import type { SpanName } from "@/player/inspector/ask";
import { Section } from "@/player/inspector/section";
import { Payload } from "@/player/payload/payload";
import { JsonTree } from "@/player/value/json-tree";

export function Raw({ call, span }: { call: Exchange; span: SpanName }) {
  const where = [
    ["operation", call.operation],
    ["address", call.address],
    ["site", call.site],
    ["digest", call.digest],
  ].filter(([, told]) => told);
  return (
    <Section title="Raw" aside={call.recorded ? "can be served again byte for byte" : "as others told it"} closed>
      <dl className="mb-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 font-mono text-sm">
        {where.map(([name, told]) => (
          <div key={name} className="contents">
            <dt className="text-ink-faint">{name}</dt>
            <dd className="break-words">{told}</dd>
          </div>
        ))}
      </dl>
      <Half name="Request" side={call.asked} path={`${span.path}/call/request`} project={span.project} />
      <Half name="Answer" side={call.answered} path={`${span.path}/call/answer`} project={span.project} />
    </Section>
  );
}

function Half({
  name,
  side,
  path,
  project,
}: {
  name: string;
  side: Side | null;
  path: string;
  project: string | undefined;
}) {
  if (!side) return null;
  return (
    <div className="mb-3">
      <p className="mb-1 text-sm text-ink-soft">
        {name} · {side.media || "no media type"} · {bytes(side.bytes)}
        {side.chunks > 0 && ` in ${grouped(side.chunks)} pieces`}
        {!side.complete && <span className="text-warn"> · broke off</span>}
      </p>
      {Object.keys(side.head).length > 0 && <JsonTree value={side.head} />}
      {side.bytes > 0 && <Payload path={path} project={project} size={side.bytes} media={side.media} />}
    </div>
  );
}
