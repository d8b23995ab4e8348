/** One thing that was found: what it is, where it is, and the words around. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { memo } from "react";

import { get } from "@/api/client";
import type { Hit, Session, SpanRow } from "@/api/types";
import { ago, duration, moment, money } from "@/design/format";
import { KindGlyph } from "@/design/kind";

/** Where in the player a span is. */
export function placeOf(span: SpanRow) {
  return {
    to: "/sessions/$session",
    params: { session: span.session },
    search: { project: span.project, span: `${span.trace_id}/${span.span_id}` },
  } as const;
}

interface Props {
  hit: Hit;
  id: string;
  isHere: boolean;
}

export const FoundRow = memo(function FoundRow({ hit, id, isHere }: Props) {
  const { span, passages } = hit;
  return (
    <Link
      {...placeOf(span)}
      id={id}
      tabIndex={-1}
      className={`block border-b px-4 py-2 ${isHere ? "bg-raised shadow-[inset_2px_0_0_var(--accent)]" : "hover:bg-raised"}`}
    >
      <div className="flex items-center gap-2">
        <KindGlyph kind={span.kind} />
        <span className="truncate font-medium">{span.name}</span>
        {span.status === "error" && <span className="rounded-sm bg-bad-soft px-1.5 text-sm text-bad">error</span>}
        <span className="ml-auto shrink-0 text-sm text-ink-faint" title={moment(span.start).toLocaleString()}>
          {ago(span.start)}
        </span>
      </div>
      {passages.length > 0 && (
        <p className="mt-0.5 line-clamp-2 font-mono text-sm break-words text-ink-soft">
          {passages.map(({ text, matches }, place) =>
            matches ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: passages never change their order
              <mark key={place} className="rounded-xs bg-warn-soft px-px font-medium text-ink">
                {text}
              </mark>
            ) : (
              text
            ),
          )}
        </p>
      )}
      <p className="mt-0.5 flex flex-wrap gap-x-3 text-sm text-ink-faint">
        <SessionName project={span.project} session={span.session} seq={span.seq} />
        {span.agent && <span>{span.agent}</span>}
        {span.model && <span>{span.model}</span>}
        {span.duration !== null && <span>{duration(span.duration)}</span>}
        {span.cost !== null && <span>{money(span.cost)}</span>}
      </p>
    </Link>
  );
});

function SessionName({ project, session, seq }: { project: string; session: string; seq: number }) {
  const { data } = useQuery({
    queryKey: ["session", project, session],
    queryFn: ({ signal }) => get<Session>(`/sessions/${encodeURIComponent(session)}`, { project }, signal),
    staleTime: 60_000,
  });
  return (
    <span className="max-w-80 truncate">
      {project} / {data?.name || session} #{seq}
    </span>
  );
}
