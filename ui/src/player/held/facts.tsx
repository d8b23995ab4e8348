/** The facts of one agent at a step: what each key holds, what it held before, who wrote it, and all its versions. */

import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";

import type { KnownFacts, ToldFact } from "@/api/types";
import { moment, timeOfDay } from "@/design/format";
import { Failed, Loading } from "@/design/quiet";
import { type Step, useDifferences, useHistory, useTransaction, useWhole } from "@/player/held/ask";
import { type Became, changesOf, summed, type Told } from "@/player/held/changes";
import { StepLink } from "@/player/held/step-link";
import { Section } from "@/player/inspector/section";
import { Value } from "@/player/value/value";

const LOOKS: Record<Exclude<Became, "same">, string> = {
  new: "bg-good/12 text-good",
  changed: "bg-warn-soft text-warn",
  deleted: "bg-bad-soft text-bad",
};

export function FactsOf({ whose, step, since }: { whose: KnownFacts; step: Step; since: number }) {
  const name = whose.namespace === "default" ? whose.agent : `${whose.agent} in ${whose.namespace}`;
  const now = useWhole(step, whose);
  const then = useWhole({ ...step, at: since }, whose);
  const differences = useDifferences(step, whose, then.data?.position, now.data?.position);
  const error = now.error ?? then.error ?? differences.error;
  const isOfLastStep = [now, then, differences].some(({ isPlaceholderData }) => isPlaceholderData);
  const told = now.data && differences.data && changesOf(now.data.facts, differences.data.items);
  return (
    <Section
      title={`Facts of ${name}`}
      aside={told && `${told.length} ${told.length === 1 ? "key" : "keys"} · ${summed(told)} since step ${since}`}
    >
      {error ? (
        <Failed error={error} retry={() => void now.refetch()} />
      ) : !told ? (
        <Loading what="Reading the facts" />
      ) : told.length === 0 ? (
        <p className="text-ink-faint">Nothing was held yet.</p>
      ) : (
        <ul aria-busy={isOfLastStep} className={`flex flex-col divide-y ${isOfLastStep ? "opacity-60" : ""}`}>
          {told.map((one) => (
            <Row key={one.key} told={one} whose={whose} step={step} since={since} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Row({ told, whose, step, since }: { told: Told; whose: KnownFacts; step: Step; since: number }) {
  const [isOpen, setOpen] = useState(false);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  const { key, now, before, became } = told;
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex min-h-8 w-full items-center gap-1.5 text-left hover:bg-raised"
      >
        <Chevron aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
        <span className="max-w-64 shrink-0 truncate font-mono text-sm font-medium">{key}</span>
        <span className="min-w-0 grow truncate font-mono text-sm text-ink-soft">{now ? short(now.value) : ""}</span>
        {became !== "same" && <span className={`shrink-0 rounded-sm px-1 text-sm ${LOOKS[became]}`}>{became}</span>}
        {now && <span className="shrink-0 text-sm text-ink-faint tabular-nums">version {now.version}</span>}
      </button>
      {isOpen && (
        <div className="flex flex-col gap-3 pb-3 pl-5">
          {now && <Held title="Holds" fact={now} whose={whose} step={step} />}
          {before && <Held title={`Held at step ${since}`} fact={before} whose={whose} step={step} />}
          <Versions name={key} whose={whose} step={step} current={now} />
        </div>
      )}
    </li>
  );
}

function Held({ title, fact, whose, step }: { title: string; fact: ToldFact; whose: KnownFacts; step: Step }) {
  return (
    <div>
      <p className="mb-1 flex flex-wrap gap-x-2 text-sm text-ink-faint">
        <span className="font-medium text-ink-soft">{title}</span>
        <Written fact={fact} whose={whose} step={step} />
      </p>
      <Value value={fact.value} />
    </div>
  );
}

/** Who wrote a version, with the way to the span that did. */
function Written({ fact, whose, step }: { fact: ToldFact; whose: KnownFacts; step: Step }) {
  const transaction = useTransaction(step, whose, fact.position);
  const author = transaction?.author;
  return (
    <>
      <span>{fact.is_deleted ? "deleted" : "written"} at</span>
      <time dateTime={moment(fact.committed).toISOString()}>{timeOfDay(moment(fact.committed), true)}</time>
      {author && <span>by</span>}
      {author && <StepLink session={author.session} span={author.span_id} project={step.project} here={step.session} />}
      {transaction && !author && <span>outside of any recording</span>}
    </>
  );
}

function Versions(props: { name: string; whose: KnownFacts; step: Step; current: ToldFact | null }) {
  const { name, whose, step, current } = props;
  const history = useHistory(step, whose, name);
  if (history.error) return <Failed error={history.error} retry={() => void history.refetch()} />;
  if (!history.data) return <Loading what="Reading the versions" />;
  const { items, next } = history.data;
  return (
    <div>
      <p className="mb-1 text-sm font-medium text-ink-soft">All versions, the newest first</p>
      <ol className="flex flex-col text-sm">
        {items.map((one) => (
          <li
            key={one.version}
            aria-current={one.version === current?.version ? "step" : undefined}
            className="grid grid-cols-[3ch_minmax(0,1fr)_auto] gap-x-3 px-1 py-0.5 aria-[current]:bg-accent-soft"
          >
            <span className="text-right text-ink-faint tabular-nums">{one.version}</span>
            <span className={`truncate font-mono ${one.is_deleted ? "text-bad" : ""}`}>
              {one.is_deleted ? "deleted" : short(one.value)}
            </span>
            <span className="flex gap-1.5 whitespace-nowrap text-ink-faint">
              <Written fact={one} whose={whose} step={step} />
            </span>
          </li>
        ))}
      </ol>
      {next !== null && <p className="text-sm text-ink-faint">and older ones</p>}
    </div>
  );
}

const MOST = 200;

function short(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
