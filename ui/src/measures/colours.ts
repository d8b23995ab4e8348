/** The colours of series: those of the kinds, as the theme has them. */

import { lookOf, type Tone } from "@/design/kinds";
import type { Dimension } from "@/measures/behind";

/** For things that have no colour of their own, in the order of their rank. */
export const RANKED: readonly Tone[] = ["agent", "tool", "knowledge", "model", "wire", "check"];

export const OTHERS: Tone = "other";

/** What is left for those whose colour another one has. */
const SPARE: readonly Tone[] = [...RANKED, "step"];

/**
 * The colours of the parts of a whole, each its own. Kinds keep theirs, and so do errors; of kinds that share one
 * elsewhere, as agents and sessions do, the first has it.
 */
export function looksOf(by: Dimension | null, values: readonly string[]): Tone[] {
  const taken = new Set<Tone>([OTHERS]);
  const take = (tone: Tone | null): Tone | null => {
    if (tone === null || taken.has(tone)) return null;
    taken.add(tone);
    return tone;
  };
  const own = values.map((value) => take(ownLook(by, value)));
  return own.map((tone) => tone ?? take(SPARE.find((one) => !taken.has(one)) ?? null) ?? OTHERS);
}

function ownLook(by: Dimension | null, value: string): Tone | null {
  if (by === "kind") return lookOf(value).tone;
  return by === "status" && value === "error" ? "error" : null;
}

/** The same colours for what is beside a chart. */
export const FILL: Record<Tone, string> = {
  model: "bg-model",
  tool: "bg-tool",
  agent: "bg-agent",
  step: "bg-step",
  knowledge: "bg-knowledge",
  wire: "bg-wire",
  check: "bg-check",
  error: "bg-error",
  other: "bg-other",
};

/** A role of the theme, for canvases. */
export function roleOf(name: "line" | "ink-faint"): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
