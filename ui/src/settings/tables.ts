/** The tables of the store, gathered into what they are for. */

const PARTS: readonly { label: string; holds: RegExp }[] = [
  { label: "Memory", holds: /^memory_/ },
  { label: "Facts", holds: /^fact|^state/ },
  { label: "Full text", holds: /_text_(config|data|idx|docsize|content)$|^(word|waiting)/ },
  { label: "Contents and contexts", holds: /^(block|body|bag|content|link|holding|loose|loss|orphan)/ },
  { label: "Measures", holds: /^rollup/ },
  { label: "Sessions", holds: /^session|^project|^trace/ },
  { label: "Span indexes", holds: /^span_/ },
  { label: "Spans", holds: /^span|^attribute/ },
];
const REST = "Everything else";

export interface Part {
  label: string;
  bytes: number;
  tables: { name: string; bytes: number }[];
}

/** The largest part first; each with its tables, the largest first. */
export function partsOf(tables: Record<string, number>): Part[] {
  const parts = new Map<string, Part>();
  for (const [name, bytes] of Object.entries(tables)) {
    const known = name.replace(/^sqlite_autoindex_/, "");
    const label = PARTS.find(({ holds }) => holds.test(known))?.label ?? REST;
    const part = parts.get(label) ?? { label, bytes: 0, tables: [] };
    part.bytes += bytes;
    part.tables.push({ name, bytes });
    parts.set(label, part);
  }
  for (const part of parts.values()) part.tables.sort((one, other) => other.bytes - one.bytes);
  return [...parts.values()].toSorted((one, other) => other.bytes - one.bytes);
}
