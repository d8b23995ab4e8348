/** What the list of sessions is asked: its filter, its project and its columns, as they stand in the address. */

export interface Asked {
  q: string;
  project: string | undefined;
  columns: readonly ColumnId[];
}

export const COLUMN_IDS = [
  "name",
  "status",
  "project",
  "agent",
  "shape",
  "started",
  "duration",
  "spans",
  "errors",
  "model",
  "tools",
  "tokens",
  "cost",
  "source",
  "labels",
] as const;

export type ColumnId = (typeof COLUMN_IDS)[number];

export const USUAL: readonly ColumnId[] = [
  "name",
  "agent",
  "shape",
  "started",
  "duration",
  "spans",
  "errors",
  "model",
  "tokens",
  "cost",
  "labels",
];

/** What the address asks; columns that it does not name are the usual ones, or those that were chosen last. */
export function askedOf(search: Record<string, unknown>, usual: readonly ColumnId[] = USUAL): Asked {
  const text = (name: string) => (search[name] === undefined ? "" : String(search[name]));
  return { q: text("q"), project: text("project") || undefined, columns: columnsOf(text("columns")) ?? usual };
}

/** The columns of a text, in their one order; null when it names none. The name is always there. */
export function columnsOf(text: string): readonly ColumnId[] | null {
  const named = new Set(text.split(","));
  const found = COLUMN_IDS.filter((id) => id === "name" || named.has(id));
  return found.length > 1 || named.has("name") ? found : null;
}

/** The columns with this one, or without it when it was there. */
export function withColumn(columns: readonly ColumnId[], id: ColumnId): readonly ColumnId[] {
  const next = new Set(columns);
  if (!next.delete(id)) next.add(id);
  return COLUMN_IDS.filter((one) => one === "name" || next.has(one));
}
