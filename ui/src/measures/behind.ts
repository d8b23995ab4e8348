/** Where a number leads: the sessions behind it, or its spans where no session is known by such a thing. */

export type Dimension = "project" | "agent" | "model" | "provider" | "tool" | "kind" | "status";

export const DIMENSIONS: readonly Dimension[] = ["model", "agent", "tool", "kind", "provider", "project", "status"];

/** What a dimension is called where nothing stands in it. */
export function valueName(dimension: Dimension, value: string | null | undefined): string {
  return value ?? `no ${dimension}`;
}

/** What narrows the page, by its dimension; the project stands beside it. */
export type Only = Partial<Record<Dimension, string>>;

export interface Behind {
  to: "/sessions" | "/search";
  search: { q: string; project?: string };
}

const OF_SESSIONS: readonly Dimension[] = ["agent", "model", "tool"];

/** What was measured in [since, until): sessions that began in it, or, asked by kind, provider or status, spans. */
export function behind(only: Only, since: number, until: number): Behind {
  const { project, ...rest } = only;
  const conditions = Object.entries(rest).map(([name, value]) => `${name}:${quoted(value)}`);
  const when = [`since:${stamp(since)}`, `until:${stamp(until)}`];
  const isOfSessions = Object.keys(rest).every((name) => OF_SESSIONS.includes(name as Dimension));
  return {
    to: isOfSessions ? "/sessions" : "/search",
    search: { q: [...conditions, ...when].join(" "), ...(project ? { project } : {}) },
  };
}

function quoted(value: string): string {
  return /^[\w./@-]+$/.test(value) ? value : `"${value.replaceAll('"', '\\"')}"`;
}

/** To the minute: the ends of buckets are whole minutes. */
function stamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16)}Z`;
}
