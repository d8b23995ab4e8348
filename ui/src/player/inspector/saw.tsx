/** What the model saw: how full its context was and of what, and what is new in it since the call before. */

import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";

import type { Exchange, Step, Turn, Usage } from "@/api/types";
import { count, grouped, share } from "@/design/format";
import { Failed, Loading } from "@/design/quiet";
import { type SpanName, useMessages } from "@/player/inspector/ask";
import { changeOf, type Slice, slicesOf, tokensOf } from "@/player/inspector/context";
import { MessageCard, roleLook } from "@/player/inspector/message";
import { Section } from "@/player/inspector/section";
import { indexOf } from "@/player/model/recording";
import { usePlayer } from "@/player/state";

interface Props {
  turn: UseQueryResult<Turn | null, Error>;
  call: Exchange | undefined;
  span: SpanName;
  usage: Usage;
}

export function Saw({ turn, call, span, usage }: Props) {
  const [isAll, setAll] = useState(false);
  const messages = useMessages(span, true);
  const all = messages.data?.messages ?? [];
  const change = turn.data && changeOf(turn.data);
  const aside = change && [
    `${count(messages.data?.total ?? 0)} messages`,
    change.added && `${change.added} new`,
    change.changed && `${change.changed} changed`,
    change.dropped && `${change.dropped} dropped`,
  ].filter(Boolean).join(", "); // biome-ignore format: one list
  return (
    <Section title="What the model saw" aside={aside}>
      {turn.isPending && <Loading what="Reading the messages" />}
      {turn.error && <Failed error={turn.error} />}
      <ContextBar slices={slicesOf(all, call)} usage={usage} />
      {turn.data && (
        <>
          <div className="mt-2 mb-1 flex items-center gap-3 text-sm">
            <Choice isOn={!isAll} pick={() => setAll(false)}>
              Since the call before
            </Choice>
            <Choice isOn={isAll} pick={() => setAll(true)}>
              All messages
            </Choice>
            {turn.data.previous && <Previous id={turn.data.previous.span_id} seq={turn.data.previous.seq} />}
          </div>
          {change?.isCompacted && (
            <p className="my-1 rounded-md bg-warn-soft px-2 py-1 text-warn">
              The context was made shorter here: {change.dropped} messages went, {change.added} came instead.
            </p>
          )}
          {isAll
            ? all.map((one) => (
                <MessageCard
                  key={one.place}
                  message={one.message}
                  role={one.role}
                  place={one.place}
                  isMissing={one.is_missing}
                />
              ))
            : turn.data.steps.map((step, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the steps of a turn never change their order
                <StepShown key={index} step={step} isFirst={turn.data?.previous === null} />
              ))}
        </>
      )}
    </Section>
  );
}

function Choice({ isOn, pick, children }: { isOn: boolean; pick: () => void; children: string }) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={pick}
      className={isOn ? "font-medium text-ink" : "text-ink-faint hover:text-ink"}
    >
      {children}
    </button>
  );
}

function Previous({ id, seq }: { id: string; seq: number }) {
  return (
    <button
      type="button"
      className="ml-auto text-ink-faint hover:text-ink hover:underline"
      onClick={() => {
        const { recording, select } = usePlayer.getState();
        if (recording) select(indexOf(recording, id));
      }}
    >
      goes on from step {seq}
    </button>
  );
}

function ContextBar({ slices, usage }: { slices: readonly Slice[]; usage: Usage }) {
  const all = slices.reduce((sum, one) => sum + one.size, 0);
  if (!all) return null;
  const estimate = (one: Slice) => {
    const tokens = tokensOf(one, slices, usage);
    return tokens === null ? "" : `≈ ${count(tokens)} tokens`;
  };
  return (
    <div>
      <div aria-hidden className="flex h-3 gap-px overflow-hidden rounded-sm">
        {slices.map((one) => (
          <div key={one.role} className={roleLook(one.role).bar} style={{ width: `${(one.size / all) * 100}%` }} />
        ))}
      </div>
      <ul className="mt-1 flex flex-wrap gap-x-4 text-sm text-ink-soft">
        {slices.map((one) => (
          <li key={one.role} className="inline-flex items-center gap-1.5">
            <span aria-hidden className={`size-2 rounded-sm ${roleLook(one.role).bar}`} />
            {roleLook(one.role).label}
            <span className="text-ink-faint">
              {(one.count > 1 || one.size === 0) && `${one.count} ×`}
              {one.count > 1 && one.size > 0 && " · "}
              {one.size > 0 &&
                [estimate(one), `${count(one.size)} characters`, share(one.size, all)].filter(Boolean).join(", ")}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

const MARKS = {
  added: { label: "new", look: "bg-good/12 text-good" },
  dropped: { label: "dropped", look: "bg-bad-soft text-bad" },
  changed: { label: "changed", look: "bg-warn-soft text-warn" },
} as const;

function StepShown({ step, isFirst }: { step: Step; isFirst: boolean }) {
  if (step.kind === "same") {
    return (
      <p className="my-1 border-y border-dashed py-1 text-center text-sm text-ink-faint">
        {step.count === 1 ? "1 message" : `${grouped(step.count)} messages`} as before
      </p>
    );
  }
  const message = step.after ?? step.before;
  if (!message) return null;
  const { label, look } = MARKS[step.kind];
  const mark = isFirst ? undefined : <span className={`rounded-sm px-1 text-xs ${look}`}>{label}</span>;
  return (
    <div className={step.kind === "dropped" ? "opacity-70" : ""}>
      <MessageCard
        message={message.message}
        role={message.role}
        place={message.place}
        isMissing={message.is_missing}
        mark={mark}
      />
      {step.kind === "changed" && <Differences differences={step.differences} />}
    </div>
  );
}

/** Where two values differ: what stood there before and what stands there now. */
export function Differences({ differences }: { differences: readonly Record<string, unknown>[] }) {
  return (
    <ul className="mb-2 flex flex-col gap-1.5 pl-3 font-mono text-sm">
      {differences.map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: differences never change their order
        <li key={index} className="min-w-0">
          <p className="text-ink-faint">{String(one.path ?? "")}</p>
          <p className="bg-bad-soft px-1 break-words whitespace-pre-wrap text-bad">- {told(one.expected)}</p>
          <p className="bg-good/12 px-1 break-words whitespace-pre-wrap text-good">+ {told(one.got)}</p>
        </li>
      ))}
    </ul>
  );
}

const LONG = 2_000;

function told(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "(nothing)");
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}
