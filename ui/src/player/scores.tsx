/** What a session and its spans were scored. */

import { useQuery } from "@tanstack/react-query";

import { get } from "@/api/client";
import type { ToldScore, ToldScorePage } from "@/api/types";
import { ago } from "@/design/format";
import { Tooltip } from "@/design/tooltip";
import { Section } from "@/player/inspector/section";
import type { Which } from "@/player/load";

/** Nobody tells when something is scored: it is asked again after so long. */
const EVERY = 10_000;
/** So many scores of the session stand in its header; how many more there are is told behind them. */
const MOST = 3;

/** Those of the session and of all its spans. */
function useScores(which: Which): readonly ToldScore[] {
  const scores = useQuery({
    queryKey: ["scores", which.project, which.session],
    queryFn: ({ signal }) =>
      get<ToldScorePage>(`/sessions/${which.session}/scores`, { project: which.project }, signal),
    refetchInterval: EVERY,
  });
  return scores.data?.items ?? [];
}

const figure = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });
const numberOf = ({ value }: ToldScore) => (value === null ? "" : figure.format(value));
const keyOf = ({ name, author }: ToldScore) => `${name}\n${author}`;

/** The scores of the session as a whole, in a line. */
export function SessionScores({ which }: { which: Which }) {
  const scores = useScores(which).filter(({ span_id }) => span_id === null);
  if (scores.length === 0) return null;
  const hidden = scores.length - MOST;
  return (
    <ul aria-label="Scores" className="hidden min-w-0 shrink gap-1 overflow-hidden lg:flex">
      {scores.slice(0, MOST).map((score) => (
        <li key={keyOf(score)} className="shrink-0">
          <Tooltip label={reasonOf(score)}>
            <span className="inline-flex h-6 items-center gap-1 rounded-md border px-1.5 text-sm text-ink-soft">
              {score.name} <span className="text-ink tabular-nums">{numberOf(score)}</span>
            </span>
          </Tooltip>
        </li>
      ))}
      {hidden > 0 && <li className="self-center text-sm text-ink-faint">and {hidden} more</li>}
    </ul>
  );
}

/** The scores of a span, with who gave them and why. */
export function SpanScores({ which, trace, span }: { which: Which; trace: string; span: string }) {
  const scores = useScores(which).filter(({ trace_id, span_id }) => trace_id === trace && span_id === span);
  if (scores.length === 0) return null;
  return (
    <Section title="Scores" aside={scores.map((score) => `${score.name} ${numberOf(score)}`).join(", ")}>
      <dl className="text-sm">
        {scores.map((score) => (
          <div key={keyOf(score)} className="mt-1 first:mt-0">
            <div className="flex gap-2">
              <dt className="min-w-0 grow truncate">{score.name}</dt>
              <dd className="tabular-nums">{numberOf(score)}</dd>
            </div>
            <dd className="text-ink-faint">
              {score.author && `${score.author}, `}
              {ago(score.given)}
            </dd>
            {score.comment && <dd className="text-ink-soft">{score.comment}</dd>}
          </div>
        ))}
      </dl>
    </Section>
  );
}

function reasonOf({ author, comment, given }: ToldScore): string {
  return [author && `by ${author}`, ago(given), comment].filter(Boolean).join(" · ");
}
