/** The checkpoints of a session, with what the program gave to be kept at each. */

import { Flag } from "lucide-react";
import { useState } from "react";

import type { Checkpoint } from "@/api/types";
import { Failed } from "@/design/quiet";
import { type Step, useCheckpoints, useContent } from "@/player/held/ask";
import { StepLink } from "@/player/held/step-link";
import { Section } from "@/player/inspector/section";
import { Value } from "@/player/value/value";

export function Checkpoints({ step }: { step: Step }) {
  const checkpoints = useCheckpoints(step);
  if (checkpoints.error) return <Failed error={checkpoints.error} retry={() => void checkpoints.refetch()} />;
  const items = checkpoints.data?.items.toReversed() ?? [];
  if (items.length === 0) return null;
  const last = items.findLast(({ span }) => span.seq <= step.at);
  return (
    <Section title="Checkpoints" aside={last ? `last passed: ${last.span.name}` : "none passed yet"}>
      <ol className="flex flex-col divide-y">
        {items.map((one) => (
          <Row key={one.span.span_id} told={one} step={step} isLast={one === last} />
        ))}
      </ol>
      {checkpoints.data?.next != null && <p className="text-sm text-ink-faint">The last hundred.</p>}
    </Section>
  );
}

function Row({ told, step, isLast }: { told: Checkpoint; step: Step; isLast: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const { span, state } = told;
  return (
    <li aria-current={isLast ? "step" : undefined} className="py-1 aria-[current]:bg-accent-soft">
      <div className="flex flex-wrap items-center gap-x-2 px-1">
        <Flag aria-hidden className={`size-3.5 ${span.seq <= step.at ? "text-check" : "text-ink-faint"}`} />
        <span className="font-medium">{span.name}</span>
        <span className="text-sm text-ink-faint">
          {told.is_automatic ? "automatic, " : ""}
          <StepLink session={span.session} span={span.span_id} project={step.project} here={step.session} />
        </span>
        {state && (
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
            className="ml-auto text-sm text-accent hover:underline"
          >
            {isOpen ? "Hide its state" : "Show its state"}
          </button>
        )}
      </div>
      {isOpen && state && <Kept hash={state} isWhole={told.is_whole} />}
    </li>
  );
}

function Kept({ hash, isWhole }: { hash: string; isWhole: boolean }) {
  const content = useContent(hash);
  if (content.error) return <Failed error={content.error} />;
  return (
    <div className="px-1 pt-1">
      {!isWhole && <p className="text-sm text-warn">Secrets were taken out of what is kept.</p>}
      {content.data && <Value value={content.data.text} />}
    </div>
  );
}
