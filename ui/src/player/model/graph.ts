/** Who called whom: agents, models and tools, with how often and how long. */

import { endOf, type Recording, wordOf } from "@/player/model/recording";

export interface Node {
  key: string;
  name: string;
  kind: string;
  count: number;
  errors: number;
  time: number;
  /** Unknown where no span that belongs to it has a cost. */
  cost: number | null;
  first: number;
  /** Where it is drawn: its column, and its place in it. */
  column: number;
  place: number;
}

export interface Edge {
  from: string;
  to: string;
  count: number;
  errors: number;
  first: number;
}

export interface Graph {
  nodes: Node[];
  edges: Edge[];
  columns: number;
  /** The most nodes in one column. */
  tallest: number;
}

const ACTORS = new Set(["agent", "session"]);
const CALLED = new Set([
  "llm",
  "tool",
  "retrieval",
  "embedding",
  "rerank",
  "mcp",
  "http",
  "database",
  "memory",
  "human",
]);

/** The graph of a session. Steps and functions are passed through: what they call is called by what called them. */
export function graphOf(recording: Recording): Graph {
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Edge>();
  const owner = new Map<number, string>();
  for (const index of recording.order) {
    const kind = wordOf(recording.kind, index) ?? "";
    if (!ACTORS.has(kind) && !CALLED.has(kind)) continue;
    const name = nameOf(recording, index, kind);
    const key = `${ACTORS.has(kind) ? "agent" : kind}\0${name}`;
    owner.set(index, key);
    const failed = wordOf(recording.status, index) === "error" ? 1 : 0;
    const cost = recording.cost[index] as number;
    const node = nodes.get(key) ?? {
      key, name, kind: ACTORS.has(kind) ? "agent" : kind, count: 0, errors: 0, time: 0, cost: null, first: index, column: 0, place: 0,
    }; // biome-ignore format: one line says it
    node.count += 1;
    node.errors += failed;
    node.time += endOf(recording, index) - (recording.start[index] as number);
    if (!Number.isNaN(cost)) node.cost = (node.cost ?? 0) + cost;
    nodes.set(key, node);
    const caller = callerOf(recording, index, owner);
    if (caller === null || caller === key) continue;
    const way = `${caller}\0${key}`;
    const edge = edges.get(way) ?? { from: caller, to: key, count: 0, errors: 0, first: index };
    edge.count += 1;
    edge.errors += failed;
    edges.set(way, edge);
  }
  return placed([...nodes.values()], [...edges.values()]);
}

function nameOf(recording: Recording, index: number, kind: string): string {
  const own =
    kind === "llm" ? recording.model : kind === "tool" ? recording.tool : kind === "agent" ? recording.agent : null;
  return (own && wordOf(own, index)) || wordOf(recording.name, index) || kind;
}

function callerOf(recording: Recording, index: number, owner: ReadonlyMap<number, string>): string | null {
  for (let at = recording.parent[index] as number; at >= 0; at = recording.parent[at] as number) {
    const found = owner.get(at);
    if (found !== undefined) return found;
  }
  return null;
}

/** Callers left of what they call; in each column what is called most stands first. */
function placed(nodes: Node[], edges: Edge[]): Graph {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  // So often suffices for the longest way without a circle; with one it ends all the same.
  for (let round = 0; round < Math.min(nodes.length, 12); round += 1) {
    let moved = false;
    for (const edge of edges) {
      const [from, to] = [byKey.get(edge.from) as Node, byKey.get(edge.to) as Node];
      if (to.first > from.first && to.column <= from.column) [to.column, moved] = [from.column + 1, true];
    }
    if (!moved) break;
  }
  const columns = new Map<number, Node[]>();
  for (const node of nodes) columns.set(node.column, [...(columns.get(node.column) ?? []), node]);
  let tallest = 0;
  for (const column of columns.values()) {
    column.sort((a, b) => b.count - a.count || a.first - b.first);
    column.forEach((node, place) => {
      node.place = place;
    });
    tallest = Math.max(tallest, column.length);
  }
  return { nodes, edges, columns: Math.max(0, ...columns.keys()) + (nodes.length ? 1 : 0), tallest };
}
