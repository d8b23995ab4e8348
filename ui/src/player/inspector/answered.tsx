/** What the model answered, put together from however many pieces. */

import type { Exchange, Span } from "@/api/types";
import { count, duration } from "@/design/format";
import { Parts } from "@/player/inspector/message";
import { Section } from "@/player/inspector/section";
import { isFields, type Part, read, saidIn } from "@/player/value/parts";

function replyParts(reply: NonNullable<Exchange["reply"]>): Part[] {
  return [
    ...(reply.reasoning ? [{ type: "reasoning" as const, text: reply.reasoning }] : []),
    ...(reply.text ? [{ type: "text" as const, text: reply.text }] : []),
    ...reply.tool_calls.map((one) => ({
      type: "call" as const,
      id: one.id,
      name: one.name,
      arguments: read(one.arguments),
    })),
  ];
}

/** What came back from a model, as parts: put together by us, or as others told it; null of what is no message. */
export function spokenIn(call: Exchange | undefined): Part[] | null {
  if (call?.reply) return replyParts(call.reply);
  const value = call?.answered?.value;
  const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
  const isMessage = isFields(one) && typeof one.role === "string" && ("content" in one || "parts" in one);
  return isMessage ? saidIn(one).parts : null;
}

/** How long the first piece of an answer was waited for, in seconds, where it came in pieces. */
const WAITED = "gen_ai.response.time_to_first_chunk";

export function Answered({ reply, span }: { reply: Exchange["reply"]; span: Span }) {
  if (!reply) return null;
  const waited = span.attributes[WAITED];
  const aside = [
    reply.finish_reason,
    typeof waited === "number" && `first words after ${duration(Math.round(waited * 1e9))}`,
    `${count(reply.usage.output + reply.usage.reasoning)} tokens`,
  ].filter(Boolean);
  return (
    <Section title="What it answered" aside={aside.join(" · ")}>
      {reply.error && <p className="mb-2 rounded-md bg-bad-soft px-2 py-1 text-bad">{reply.error}</p>}
      {!reply.complete && (
        <p className="mb-2 rounded-md bg-warn-soft px-2 py-1 text-warn">The answer broke off before its end.</p>
      )}
      <Parts parts={replyParts(reply)} />
    </Section>
  );
}
