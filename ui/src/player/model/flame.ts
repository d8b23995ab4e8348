/** The tree with equal ways merged: where the time, the tokens and the money went, whenever that was. */

import { endOf, type Recording } from "@/player/model/recording";

export type Weight = "time" | "tokens" | "cost";

export interface Blade {
  name: string;
  kind: string;
  depth: number;
  /** Where it begins and how wide it is, of all that is weighed. */
  from: number;
  size: number;
  /** How many spans it stands for, and the heaviest of them. */
  count: number;
  errors: number;
  span: number;
}

interface Branch {
  name: number;
  kind: number;
  weight: number;
  count: number;
  errors: number;
  span: number;
  heaviest: number;
  below: Map<number, Branch>;
}

const FINEST = 1 / 20_000;

/** What a span weighs by itself, without what lies below it. */
export function ownWeights(recording: Recording, weight: Weight): Float64Array {
  const own = new Float64Array(recording.count);
  for (let i = 0; i < recording.count; i += 1) {
    if (weight === "tokens") own[i] = recording.tokens[i] as number;
    else if (weight === "cost") own[i] = Number.isNaN(recording.cost[i]) ? 0 : (recording.cost[i] as number);
    else own[i] = ownTime(recording, i);
  }
  return own;
}

/** The time of a span in which none of those right below it ran. */
function ownTime(recording: Recording, index: number): number {
  const end = endOf(recording, index);
  let reached = recording.start[index] as number;
  let own = 0;
  for (let i = recording.firstChild[index] as number; i < (recording.firstChild[index + 1] as number); i += 1) {
    const child = recording.children[i] as number;
    const begins = Math.min(end, recording.start[child] as number);
    if (begins > reached) own += begins - reached;
    reached = Math.max(reached, Math.min(end, endOf(recording, child)));
  }
  return own + Math.max(0, end - reached);
}

/** The blades, wider ones first among those that lie on the same. Those too fine to be seen are left out. */
export function bladesOf(recording: Recording, weight: Weight): Blade[] {
  const own = ownWeights(recording, weight);
  const root = branch(-1, -1);
  const places: Branch[] = new Array(recording.count);
  const error = recording.status.words.indexOf("error");
  // Parents first: the order of depths is the order of being laid down.
  for (const index of byDepth(recording)) {
    const above = recording.parent[index] as number;
    const on = above < 0 ? root : (places[above] as Branch);
    const name = recording.name.at[index] as number;
    const kind = recording.kind.at[index] as number;
    const key = name * recording.kind.words.length + kind;
    const one = on.below.get(key) ?? branch(name, kind);
    on.below.set(key, one);
    places[index] = one;
    one.count += 1;
    if (recording.status.at[index] === error) one.errors += 1;
    const heavy = own[index] as number;
    if (one.span < 0 || heavy > one.heaviest) [one.span, one.heaviest] = [index, heavy];
    one.weight += heavy;
  }
  sum(root);
  const blades: Blade[] = [];
  lay(root, 0, 0, root.weight || 1, recording, blades);
  return blades;
}

function branch(name: number, kind: number): Branch {
  return { name, kind, weight: 0, count: 0, errors: 0, span: -1, heaviest: -1, below: new Map() };
}

function byDepth(recording: Recording): Int32Array {
  const most = recording.depth.reduce((found, one) => Math.max(found, one), 0);
  const first = new Int32Array(most + 2);
  for (const depth of recording.depth) first[depth + 1] = (first[depth + 1] as number) + 1;
  for (let i = 0; i <= most; i += 1) first[i + 1] = (first[i + 1] as number) + (first[i] as number);
  const sorted = new Int32Array(recording.count);
  for (let i = 0; i < recording.count; i += 1) {
    const depth = recording.depth[i] as number;
    const place = first[depth] as number;
    sorted[place] = i;
    first[depth] = place + 1;
  }
  return sorted;
}

function sum(one: Branch): number {
  for (const below of one.below.values()) one.weight += sum(below);
  return one.weight;
}

function lay(on: Branch, depth: number, from: number, whole: number, recording: Recording, blades: Blade[]): void {
  let at = from;
  for (const one of [...on.below.values()].sort((a, b) => b.weight - a.weight)) {
    const size = one.weight / whole;
    if (size < FINEST) break;
    blades.push({
      name: recording.name.words[one.name] ?? "",
      kind: recording.kind.words[one.kind] ?? "",
      depth,
      from: at,
      size,
      count: one.count,
      errors: one.errors,
      span: one.span,
    });
    lay(one, depth + 1, at, whole, recording, blades);
    at += size;
  }
}
