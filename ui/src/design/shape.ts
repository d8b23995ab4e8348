/** The shape of a session: how many of its spans are of which tone, and how long the whole is. */

import { lookOf, TONES, type Tone } from "@/design/kinds";

export interface Part {
  tone: Tone;
  spans: number;
  /** Where it begins and ends, of the whole from 0 to 1. */
  from: number;
  to: number;
}

/** How many spans make a shape of full length; each tenth part is a step shorter. */
const FULL = 10_000;
const LEAST = 0.12;

/** The parts of a shape, in the order of tones. */
export function partsOf(kinds: Record<string, number>): Part[] {
  const spans = new Map<Tone, number>();
  for (const [kind, many] of Object.entries(kinds)) {
    const { tone } = lookOf(kind);
    spans.set(tone, (spans.get(tone) ?? 0) + many);
  }
  const all = [...spans.values()].reduce((sum, many) => sum + many, 0);
  let before = 0;
  return TONES.flatMap((tone) => {
    const many = spans.get(tone);
    if (!many) return [];
    const part = { tone, spans: many, from: before / all, to: (before + many) / all };
    before += many;
    return [part];
  });
}

/** How long a session of so many spans is drawn, from 0 to 1: by the logarithm, so that 10 and 10,000 both fit. */
export function lengthOf(spans: number): number {
  if (spans <= 0) return 0;
  return Math.min(1, LEAST + ((1 - LEAST) * Math.log10(spans)) / Math.log10(FULL));
}

/** The shape in words, most first, for those who do not see it. */
export function shapeInWords(kinds: Record<string, number>): string {
  return Object.entries(kinds)
    .toSorted(([, one], [, other]) => other - one)
    .map(([kind, many]) => `${many} ${lookOf(kind).label.toLowerCase()}`)
    .join(", ");
}
