/** What was remembered when a step began: each collection of the project, with what became known since another step. */

import { Link } from "@tanstack/react-router";

import type { CollectionStatistics, ToldRecord } from "@/api/types";
import { grouped } from "@/design/format";
import { Failed, Loading } from "@/design/quiet";
import { type Step, useLearned, useMemories, useRemembered } from "@/player/held/ask";
import { Section } from "@/player/inspector/section";

const MOST = 20;

interface Props {
  step: Step;
  since: number;
}

/** Closed until somebody opens it, because all of a past collection is read for it. Nothing, where there is none. */
export function MemoryThen({ step, since }: Props) {
  const collections = useMemories(step);
  const items = collections.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section
      title="Memory"
      aside={`${grouped(items.length)} ${items.length === 1 ? "collection" : "collections"} of ${step.project}`}
      closed
    >
      {items.map((one) => (
        <Held key={`${one.owner} ${one.collection}`} whose={one} step={step} since={since} />
      ))}
    </Section>
  );
}

function Held({ whose, step, since }: Props & { whose: CollectionStatistics }) {
  const now = useRemembered(step, whose);
  const learned = useLearned(step, whose, since);
  const error = now.error ?? learned.error;
  if (error) return <Failed error={error} retry={() => void now.refetch()} />;
  if (!now.data || !learned.data) return <Loading what="Reading what was remembered" />;
  const { records, position } = now.data;
  const changed = new Map(learned.data.items.map((one) => [one.id, one]));
  const gone = learned.data.items.filter(({ after }) => after === null).length;
  const shown = records.toSorted((one, other) => Number(changed.has(other.id)) - Number(changed.has(one.id)));
  const { collection, owner } = whose;
  const isOfLastStep = now.isPlaceholderData || learned.isPlaceholderData;
  return (
    <section
      aria-label={`${collection} ${owner}`}
      aria-busy={isOfLastStep}
      className={`mb-3 ${isOfLastStep ? "opacity-60" : ""}`}
    >
      <h4 className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-medium">{collection}</span>
        <span className="text-sm text-ink-faint">
          {owner && `of ${owner}, `}
          {grouped(records.length)} held, {grouped(changed.size - gone)} of them written and {grouped(gone)} removed
          since step {grouped(since)}
        </span>
        <Link
          to="/memory"
          search={{ project: step.project, collection, owner: owner || undefined, at: position }}
          className="ml-auto text-sm text-accent underline underline-offset-2"
        >
          All as of then
        </Link>
      </h4>
      <ul className="divide-y">
        {shown.slice(0, MOST).map((one) => (
          <Remembered key={one.id} record={one} isNew={changed.has(one.id)} />
        ))}
      </ul>
      {shown.length > MOST && <p className="text-sm text-ink-faint">and {grouped(shown.length - MOST)} more</p>}
    </section>
  );
}

function Remembered({ record, isNew }: { record: ToldRecord; isNew: boolean }) {
  return (
    <li className="flex items-baseline gap-2 py-1">
      <span className="line-clamp-2 min-w-0 grow break-words">{record.text}</span>
      {isNew && <span className="shrink-0 rounded-sm bg-warn-soft px-1 text-sm text-warn">since</span>}
      <span className="shrink-0 text-sm text-ink-faint tabular-nums">version {record.version}</span>
    </li>
  );
}
