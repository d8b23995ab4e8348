/** The colours of series: those of the kinds, as the theme has them. */

import type { Tone } from "@/design/kinds";

/** For things that have no colour of their own, in the order of their rank. */
export const RANKED: readonly Tone[] = ["agent", "tool", "knowledge", "model", "wire", "check"];

export const OTHERS: Tone = "other";

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
