/** Recordings for tests. */

import type { SpanColumns, Words } from "@/api/types";

export interface Made {
  start: number;
  duration: number | null;
  parent?: number;
  kind?: string;
  name?: string;
  status?: string;
  agent?: string | null;
  model?: string;
  tool?: string;
  tokens?: number;
  cost?: number | null;
}

/** The id of the span at a place. */
export const madeId = (place: number): string => place.toString(16).padStart(16, "0");

/** Columns as the server tells them. Parents are places, from 1. */
export function columnsOf(spans: readonly Made[], first = 1, base = "1000000000000000000"): SpanColumns {
  const words = (column: (string | null | undefined)[]): Words => {
    const known = new Map([...new Set(column.map((word) => word ?? null))].map((word, number) => [word, number]));
    return { words: [...known.keys()], at: known.size <= 1 ? [] : column.map((word) => known.get(word ?? null) ?? 0) };
  };
  return {
    tenant: "local",
    project: "default",
    session: "one",
    first,
    count: spans.length,
    base,
    start: spans.map((one) => one.start),
    duration: spans.map((one) => one.duration),
    span_id: spans.map((_, index) => madeId(first + index)),
    trace_id: words(spans.map(() => "trace")),
    parent: spans.map((one) => one.parent ?? 0),
    outer_parents: {},
    kind: words(spans.map((one) => one.kind ?? "step")),
    name: words(spans.map((one) => one.name ?? "work")),
    status: words(spans.map((one) => one.status ?? "ok")),
    agent: words(spans.map((one) => one.agent)),
    model: words(spans.map((one) => one.model)),
    provider: words(spans.map(() => null)),
    tool: words(spans.map((one) => one.tool)),
    iteration: [],
    tokens: spans.some((one) => one.tokens) ? spans.map((one) => one.tokens ?? 0) : [],
    cost: spans.some((one) => one.cost !== undefined) ? spans.map((one) => one.cost ?? null) : [],
  };
}

/** A session of an agent that asks a model twice and uses a tool of another agent in between. */
export const ERRAND: readonly Made[] = [
  { start: 0, duration: 1000, kind: "session", name: "errand", agent: "main" },
  {
    start: 10,
    duration: 100,
    parent: 1,
    kind: "llm",
    name: "chat",
    agent: "main",
    model: "large",
    tokens: 30,
    cost: 300,
  },
  { start: 120, duration: 400, parent: 1, kind: "agent", name: "helper", agent: "helper" },
  { start: 130, duration: 50, parent: 3, kind: "tool", name: "read", agent: "helper", tool: "read", status: "error" },
  { start: 140, duration: 60, parent: 3, kind: "tool", name: "read", agent: "helper", tool: "read" },
  {
    start: 700,
    duration: null,
    parent: 1,
    kind: "llm",
    name: "chat",
    agent: "main",
    model: "large",
    tokens: 50,
    cost: 500,
  },
];
