/** Everything about the span at the cursor. */

import { useMemo, useRef } from "react";

import { Failed, Loading } from "@/design/quiet";
import { Answered } from "@/player/inspector/answered";
import { nameOf, useExchange, useSettledSpan, useSpan, useTurn } from "@/player/inspector/ask";
import { Cost } from "@/player/inspector/cost";
import { Facts } from "@/player/inspector/facts";
import { Head } from "@/player/inspector/head";
import { Provenance } from "@/player/inspector/provenance";
import { Raw } from "@/player/inspector/raw";
import { Saw } from "@/player/inspector/saw";
import { Sides } from "@/player/inspector/sides";
import type { Which } from "@/player/load";
import { SpanScores } from "@/player/scores";
import { usePlayer } from "@/player/state";

export function Inspector({ which, isWide = false }: { which: Which; isWide?: boolean }) {
  const recording = usePlayer((state) => state.recording);
  const settled = useSettledSpan();
  const box = useRef<HTMLElement>(null);
  const index = Math.min(settled, (recording?.count ?? 1) - 1);
  const name = useMemo(() => (recording ? nameOf(recording, index, which) : null), [recording, index, which]);
  if (!recording || !name) return null;
  return (
    <aside ref={box} aria-label="Inspector" className="flex h-full flex-col overflow-y-auto">
      <div className={`min-h-0 grow ${isWide ? "mx-auto w-full max-w-4xl border-x" : ""}`}>
        <Contents key={isWide ? "wide" : "beside"} name={name} which={which} />
      </div>
      <Provenance within={box} span={name} />
    </aside>
  );
}

function Contents({ name, which }: { name: NonNullable<ReturnType<typeof nameOf>>; which: Which }) {
  const span = useSpan(name);
  const isThere = span.data !== undefined && !span.isPlaceholderData;
  const sawMessages = isThere && span.data.context !== null;
  const isCall = isThere && span.data.kept.some(({ role }) => role === "request" || role === "answer");
  const call = useExchange(name, isCall);
  const turn = useTurn(name, sawMessages);
  if (span.error) return <Failed error={span.error} retry={() => void span.refetch()} />;
  if (!span.data) return <Loading what="Reading the span" />;
  const spoke = call.data?.reply != null;
  return (
    <div aria-busy={span.isPlaceholderData} className={span.isPlaceholderData ? "opacity-60" : ""}>
      <Head span={span.data} />
      {sawMessages && <Saw turn={turn} call={call.data} span={name} usage={span.data.usage} />}
      {spoke && <Answered reply={call.data?.reply ?? null} span={span.data} />}
      {isCall && <Sides call={call} span={name} holdsMessages={sawMessages} spoke={spoke} />}
      <SpanScores which={which} trace={span.data.trace_id} span={span.data.span_id} />
      <Cost span={span.data} name={name} />
      <Facts span={span.data} which={which} />
      {call.data && <Raw call={call.data} span={name} />}
    </div>
  );
}
