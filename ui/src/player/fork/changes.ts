/** What can be changed at a step, and how the change is told to the server. */

import type { Exchange, Span } from "@/api/types";
import { isFields, saidIn } from "@/player/value/parts";

export interface Change {
  /** The path that the server knows it by. */
  path: string;
  label: string;
  /** What stands there now, as it is edited. */
  text: string;
  isJson: boolean;
  /** The question is changed, so that the recorded answer no longer fits. */
  asksAnew: boolean;
}

/** What can be changed of a call: what was asked of a model and what it said, or what a tool gave back. */
export function changesOf(span: Span, call: Exchange): Change[] {
  const changes: Change[] = [];
  const add = (path: string, label: string, value: unknown, asksAnew: boolean) => {
    const isJson = typeof value !== "string";
    changes.push({ path, label, text: isJson ? JSON.stringify(value, null, 2) : value, isJson, asksAnew });
  };
  const body = call.asked?.value;
  if (call.understood && isFields(body)) {
    if (typeof call.reply?.text === "string" && call.reply.text)
      add("text", "What the model said", call.reply.text, false);
    const messages = [body.messages, body.input, body.contents].find(Array.isArray) ?? [];
    const prompt = messages.findLast(
      (one) => saidIn(one).role === "user" && saidIn(one).parts.some((part) => part.type === "text"),
    );
    if (prompt) add("prompt", "Last message of the user", textIn(prompt), true);
    const system = systemIn(body, messages);
    if (system) add("system", "System prompt", system, true);
    if (call.understood.model) add("model", "Model", call.understood.model, true);
    for (const name of ["temperature", "top_p", "max_tokens", "max_completion_tokens", "reasoning_effort"])
      if (body[name] !== undefined) add(`request.body.${name}`, name, body[name], true);
    if (call.answered) add("answer.body", "The whole answer", call.answered.value, false);
  } else if (span.kind === "tool" || call.seam === "tool" || call.seam === "mcp") {
    if (call.answered && !call.answered.raised) add("result", "Tool result", call.answered.value, false);
    if (call.answered)
      add("error", "An error instead", call.answered.raised ? call.answered.raised.message : "", false);
  } else if (call.answered && !call.answered.raised) add("answer.body", "Answer", call.answered.value, false);
  return changes;
}

function textIn(message: unknown): string {
  return saidIn(message)
    .parts.flatMap((part) => (part.type === "text" ? [part.text] : []))
    .join("\n");
}

function systemIn(body: Record<string, unknown>, messages: readonly unknown[]): string {
  if (typeof body.system === "string") return body.system;
  if (typeof body.instructions === "string") return body.instructions;
  const message = messages.find((one) => ["system", "developer"].includes(saidIn(one).role));
  return message ? textIn(message) : "";
}

/** The value that was written; of JSON what it means. Throws SyntaxError where it means nothing. */
export function writtenValue(change: Change, text: string): unknown {
  return change.isJson ? (JSON.parse(text) as unknown) : text;
}

/** Whether changes go together: who asks anew gets a new answer. */
export function conflictIn(changes: readonly Change[]): boolean {
  return new Set(changes.map((one) => one.asksAnew)).size > 1;
}
