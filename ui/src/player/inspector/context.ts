/** What a context consists of, and how much of it each part takes. */

import type { Exchange, Step, Turn, Usage } from "@/api/types";
import { shownRole } from "@/player/inspector/message";
import { saidIn, sizeOf } from "@/player/value/parts";

export interface Slice {
  role: string;
  size: number;
  count: number;
}

/** The parts of a context by role, the tools that were offered among them, in characters. */
export function slicesOf(
  messages: readonly { role: string | null; message: unknown }[],
  call: Exchange | undefined,
): Slice[] {
  const slices = new Map<string, Slice>();
  const add = (role: string, size: number) => {
    const slice = slices.get(role) ?? { role, size: 0, count: 0 };
    slices.set(role, { role, size: slice.size + size, count: slice.count + 1 });
  };
  const body = call?.asked?.value;
  const tools = typeof body === "object" && body !== null && "tools" in body ? body.tools : undefined;
  if (Array.isArray(tools)) for (const tool of tools) add("tools offered", sizeOf(tool));
  for (const { role, message } of messages) {
    const images = saidIn(message, role).parts.filter((part) => part.type === "image");
    // What an image takes of a context is not told by the length of its base64.
    add(shownRole(message, role), sizeOf(message) - images.reduce((sum, part) => sum + part.source.length, 0));
    for (const _ of images) add("image", 0);
  }
  return [...slices.values()];
}

/**
 * How many of the tokens that a model read a part of its context comes to: by its share of the characters, because
 * providers tell only how many there were together. Null where that cannot be said.
 */
export function tokensOf(slice: Slice, slices: readonly Slice[], usage: Usage): number | null {
  const read = usage.input + usage.cache_read + usage.cache_write_5m + usage.cache_write_1h;
  const all = slices.reduce((sum, one) => sum + one.size, 0);
  // An image has no characters, and takes tokens.
  if (!read || !all || slices.some((one) => one.size === 0)) return null;
  return Math.round((read * slice.size) / all);
}

export interface Change {
  same: number;
  added: number;
  dropped: number;
  changed: number;
  /** Whether much was dropped and little came instead: the agent made its context short. */
  isCompacted: boolean;
}

const MUCH = 4;

export function changeOf(turn: Turn): Change {
  const sum = (kind: Step["kind"]) =>
    turn.steps.filter((step) => step.kind === kind).reduce((all, step) => all + step.count, 0);
  const [same, added, dropped, changed] = [sum("same"), sum("added"), sum("dropped"), sum("changed")];
  return { same, added, dropped, changed, isCompacted: turn.previous !== null && dropped >= MUCH && dropped > added };
}
