/** One pair of calls: what differs, or both requests or both answers as a whole. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";

import { get } from "@/api/client";
import type { Exchange, Told, Where } from "@/api/types";
import { Differences } from "@/compare/differences";
import { MARKS } from "@/compare/pairs";
import { Failed, Loading } from "@/design/quiet";

const Whole = lazy(() => import("@/compare/whole").then((module) => ({ default: module.Whole })));

export const VIEWS = ["differences", "request", "answer"] as const;
export type View = (typeof VIEWS)[number];
const NAMES: Record<View, string> = { differences: "Differences", request: "Requests", answer: "Answers" };

interface Props {
  item: Told;
  project: string | undefined;
  view: View;
  look: (view: View) => void;
}

export function Detail({ item, project, view, look }: Props) {
  const { glyph: Glyph, label, tone } = MARKS[item.kind];
  return (
    <section aria-label="The chosen call" className="flex min-h-0 flex-col border-t lg:border-t-0 lg:border-l">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-2">
        <h2 className="min-w-0 truncate font-medium">{item.label || item.operation}</h2>
        <span className={`inline-flex items-center gap-1 text-sm ${tone}`}>
          <Glyph aria-hidden className="size-3.5" /> {label}
        </span>
        <Leading name="before" seq={item.before} where={item.before_span} project={project} />
        <Leading name="after" seq={item.after} where={item.after_span} project={project} />
        <fieldset className="ml-auto flex overflow-hidden rounded-md border">
          <legend className="sr-only">What to show</legend>
          {VIEWS.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={view === name}
              onClick={() => look(name)}
              className="h-6 border-l px-2 text-ink-soft first:border-l-0 hover:bg-raised aria-pressed:bg-accent-soft aria-pressed:text-ink"
            >
              {NAMES[name]}
            </button>
          ))}
        </fieldset>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no pointer scrolls it by its focus */}
      <section tabIndex={0} aria-label={NAMES[view]} className="min-h-0 grow overflow-y-auto p-4">
        {view === "differences" ? <Outcome item={item} /> : <Sides item={item} project={project} side={view} />}
      </section>
    </section>
  );
}

function Leading(props: { name: string; seq: number | null; where: Where | null; project: string | undefined }) {
  const { name, seq, where, project } = props;
  if (!where) return null;
  return (
    <Link
      to="/sessions/$session"
      params={{ session: where.session }}
      search={{ project, span: `${where.trace_id}/${where.span_id}` }}
      className="text-sm text-accent hover:underline"
    >
      call {seq} {name}
    </Link>
  );
}

function Outcome({ item }: { item: Told }) {
  if (item.kind === "same") return <p className="text-ink-soft">Both asked the same, and were answered the same.</p>;
  if (item.kind !== "changed") {
    const [has, lacks] = item.kind === "removed" ? ["first", "second"] : ["second", "first"];
    return (
      <p className="text-ink-soft">
        Only the {has} session made this call; the {lacks} has none that belongs to it.
      </p>
    );
  }
  return (
    <>
      <Differences title="Asked" items={item.request} />
      <Differences title="Answered" items={item.answer} />
    </>
  );
}

function Sides({ item, project, side }: { item: Told; project: string | undefined; side: "request" | "answer" }) {
  const before = useExchange(item.before_span, project);
  const after = useExchange(item.after_span, project);
  const error = before.error ?? after.error;
  if (error) return <Failed error={error} />;
  if (before.isLoading || after.isLoading) return <Loading what="Reading both calls" />;
  return (
    <Suspense fallback={<Loading what="Reading both calls" />}>
      <Whole label={NAMES[side]} before={said(before.data, side)} after={said(after.data, side)} />
    </Suspense>
  );
}

function useExchange(where: Where | null, project: string | undefined) {
  return useQuery({
    queryKey: ["call", project, where?.trace_id, where?.span_id],
    queryFn: ({ signal }) => get<Exchange>(`/spans/${where?.trace_id}/${where?.span_id}/call`, { project }, signal),
    enabled: where !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What was said, in lines; of a model's streamed answer the message that it came to. */
function said(call: Exchange | undefined, side: "request" | "answer"): string {
  if (!call) return "";
  const value = side === "request" ? call.asked?.value : (call.reply?.message ?? call.answered?.value);
  const raised = side === "answer" ? call.answered?.raised : null;
  const told = value ?? (raised ? `${raised.name}: ${raised.message}` : "");
  return typeof told === "string" ? told : JSON.stringify(told, null, 2);
}
