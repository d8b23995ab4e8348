/** The conversation at the cursor: what the model had seen at its nearest call, and what it answered. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";

import { Failed, Loading, Quiet } from "@/design/quiet";
import { spokenIn } from "@/player/inspector/answered";
import { nameOf, useExchange, useMessages, useSettledSpan } from "@/player/inspector/ask";
import { MessageCard, Parts, roleLook } from "@/player/inspector/message";
import type { Which } from "@/player/load";
import { decisionAt } from "@/player/model/moves";
import { titleOf } from "@/player/model/outline";
import { type Recording, wordOf } from "@/player/model/recording";
import { usePlayer } from "@/player/state";

export function Conversation({ which }: { which: Which }) {
  const recording = usePlayer((state) => state.recording);
  const settled = useSettledSpan();
  const index = useMemo(
    () => (recording ? decisionAt(recording, Math.min(settled, recording.count - 1)) : -1),
    [recording, settled],
  );
  if (!recording) return null;
  if (index < 0) return <Quiet title="No model was asked in this session" />;
  return <At recording={recording} index={index} which={which} />;
}

function At({ recording, index, which }: { recording: Recording; index: number; which: Which }) {
  const name = useMemo(() => nameOf(recording, index, which), [recording, index, which]);
  const messages = useMessages(name, true);
  const call = useExchange(name, true);
  const box = useRef<HTMLDivElement>(null);
  const items = messages.data?.messages ?? [];
  const spoken = useMemo(() => spokenIn(call.data), [call.data]);
  const isAnswered = spoken !== null;
  const virtual = useVirtualizer({
    count: items.length + (isAnswered ? 1 : 0),
    getScrollElement: () => box.current,
    estimateSize: () => 120,
    overscan: 4,
    getItemKey: (place) => items[place]?.content ?? "answer",
  });
  // One comes to see what was said last; what was said before is above.
  const count = items.length + (isAnswered ? 1 : 0);
  useEffect(() => {
    if (count) virtual.scrollToIndex(count - 1, { align: "end" });
  }, [count, virtual]);
  if (messages.isPending) return <Loading what="Reading the conversation" />;
  if (messages.error) return <Failed error={messages.error} retry={() => void messages.refetch()} />;
  if (!messages.data) return <Quiet title="The messages of this call were not recorded" />;
  const look = roleLook("assistant");
  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)]">
      <p className="flex items-center gap-2 border-b px-3 py-1 text-sm text-ink-soft">
        <button type="button" className="truncate hover:underline" onClick={() => usePlayer.getState().select(index)}>
          Step {index + 1}: {titleOf(recording, index)}
        </button>
        <span className="ml-auto whitespace-nowrap text-ink-faint">
          {wordOf(recording.agent, index)} · {items.length} messages
        </span>
      </p>
      <div ref={box} className="overflow-y-auto px-3">
        <div className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const one = items[item.index];
            return (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className="absolute inset-x-0"
                style={{ top: item.start }}
              >
                {one ? (
                  <MessageCard message={one.message} role={one.role} place={one.place} isMissing={one.is_missing} />
                ) : (
                  spoken && (
                    <article className="relative my-2 rounded-md border bg-model/8 p-2.5">
                      <p className={`mb-1 flex items-center gap-1.5 text-sm font-medium ${look.tone}`}>
                        <look.glyph aria-hidden className="size-3.5" />
                        The answer of this call
                      </p>
                      <Parts parts={spoken} />
                    </article>
                  )
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
