/** The session as it was when the step at the cursor began: what was open, the facts of agents, files, checkpoints,
 * snapshots, and what was remembered. */

import { useNavigate, useSearch } from "@tanstack/react-router";

import type { State } from "@/api/types";
import { Button } from "@/design/button";
import { count, grouped, money } from "@/design/format";
import { Failed, Loading } from "@/design/quiet";
import { type Step, useHeld } from "@/player/held/ask";
import { Checkpoints } from "@/player/held/checkpoints";
import { FactsOf } from "@/player/held/facts";
import { EditedFiles, WorkspaceFiles } from "@/player/held/files";
import { MemoryThen } from "@/player/held/memory";
import { Snapshots } from "@/player/held/snapshots";
import { StepLink } from "@/player/held/step-link";
import { useSettledSpan } from "@/player/inspector/ask";
import { Section } from "@/player/inspector/section";
import { useSession, type Which } from "@/player/load";

export function StateView({ which }: { which: Which }) {
  const told = useSession(which).data;
  const at = useSettledSpan() + 1;
  if (!told) return <Loading what="Reading the session" />;
  return <At step={{ session: told.id, project: told.project, at, isOpen: told.status === "running" }} key={told.id} />;
}

function At({ step: wanted }: { step: Step }) {
  const held = useHeld(wanted);
  // While the cursor moves, all that is shown is of the last step until the next one is there.
  const step = { ...wanted, at: held.data?.seq ?? wanted.at };
  const { since: named } = useSearch({ from: "/sessions/$session" });
  const navigate = useNavigate({ from: "/sessions/$session" });
  const since = Math.min(typeof named === "number" && named >= 1 ? named : 1, step.at);
  const pin = (to: number | undefined) =>
    void navigate({ search: (before) => ({ ...before, since: to }), replace: true });
  if (held.error) return <Failed error={held.error} retry={() => void held.refetch()} />;
  if (!held.data) return <Loading what="Going to the step" />;
  const { facts, files } = held.data;
  return (
    <div
      aria-busy={held.isPlaceholderData}
      className={`h-full overflow-y-auto ${held.isPlaceholderData ? "opacity-60" : ""}`}
    >
      <h2 className="sr-only">The state at step {grouped(step.at)}</h2>
      <Summed state={held.data} step={step} />
      {facts.length > 0 && (
        <p className="flex flex-wrap items-center gap-2 border-b px-3 py-1.5 text-sm text-ink-soft">
          Changes are told since step {grouped(since)}.
          {since !== step.at && <Button onClick={() => pin(step.at)}>Since this step instead</Button>}
          {since !== 1 && <Button onClick={() => pin(undefined)}>Since the start</Button>}
        </p>
      )}
      {facts.map((whose) => (
        <FactsOf key={`${whose.namespace} ${whose.agent}`} whose={whose} step={step} since={since} />
      ))}
      <EditedFiles step={step} />
      <WorkspaceFiles step={step} isKept={files !== null} />
      <Checkpoints step={step} />
      <Snapshots step={step} />
      <MemoryThen step={step} since={since} />
      {facts.length === 0 && <p className="px-3 py-2 text-sm text-ink-faint">No agent kept facts in this session.</p>}
    </div>
  );
}

function Summed({ state, step }: { state: State; step: Step }) {
  const { summary, open } = state;
  const figures = [
    ["Begun", `${grouped(summary.spans)} ${summary.spans === 1 ? "span" : "spans"}`],
    ["Used", summary.usage.total ? `${count(summary.usage.total)} tokens` : ""],
    ["Cost", summary.usage.total ? money(summary.cost) : ""],
    ["Failed", summary.errors ? count(summary.errors) : ""],
  ].filter(([, told]) => told);
  return (
    <Section title={`As step ${grouped(step.at)} began`} aside={state.span?.name}>
      <dl className="flex flex-wrap gap-x-5 gap-y-1">
        {figures.map(([name, told]) => (
          <div key={name}>
            <dt className="text-xs text-ink-faint">{name}</dt>
            <dd>{told}</dd>
          </div>
        ))}
      </dl>
      {open.length > 0 && (
        <p className="mt-2 flex flex-wrap gap-x-2 text-sm">
          <span className="text-ink-faint">Open:</span>
          {open.map((span) => (
            <span key={span.span_id}>
              {span.name}{" "}
              <StepLink session={span.session} span={span.span_id} project={step.project} here={step.session} />
            </span>
          ))}
        </p>
      )}
      <p className="mt-2 truncate text-xs text-ink-faint" title={state.hash}>
        Hash of this state: <span className="font-mono select-all">{state.hash}</span>
      </p>
    </Section>
  );
}
