/** What the address of the page says: which collection, what is looked for, as of when, and which record is open. */

import type { CollectionStatistics, MemoryHits, ToldRecord } from "@/api/types";

/** Names a collection. Its owner is empty for the project, else `agent:NAME` or `workspace:FOLDER`. */
export interface Collection {
  project: string;
  collection: string;
  owner: string;
}

export type By = MemoryHits["by"];

export const WAYS: readonly { by: By; label: string; about: string }[] = [
  { by: "both", label: "Both", about: "By words and by meaning" },
  { by: "words", label: "Words", about: "What holds the words" },
  { by: "meaning", label: "Meaning", about: "What means the like, in whatever words" },
];

export interface Place {
  named: Partial<Collection>;
  text: string;
  by: By;
  /** Whether all collections of the project are searched. */
  isEverywhere: boolean;
  /** Whether what does not hold any more is shown too. */
  hasExpired: boolean;
  /** The position in the ledger as of which it is looked at; null for now. */
  at: string | null;
  record: string | null;
}

/** What is to be otherwise in the address. */
export type Change = Record<string, string | number | undefined>;

const texts = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));

export function placeOf(search: Record<string, unknown>): Place {
  const at = texts(search.at);
  return {
    named: withoutNothing({
      project: texts(search.within),
      collection: texts(search.collection),
      owner: texts(search.owner),
    }),
    text: texts(search.q) ?? "",
    by: WAYS.find(({ by }) => by === search.by)?.by ?? "both",
    isEverywhere: search.everywhere !== undefined,
    hasExpired: search.expired !== undefined,
    at: at !== undefined && /^\d{1,18}$/.test(at) ? at : null,
    record: texts(search.record) ?? null,
  };
}

function withoutNothing(named: { [Name in keyof Collection]: string | undefined }): Partial<Collection> {
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

/** The address of a collection. The project stands in it, where the page does not look at one anyway. */
export const addressOf = ({ project, collection, owner }: Collection): Change => ({
  within: project,
  collection,
  owner: owner || undefined,
});

export const isSame = (one: Collection, other: Collection) =>
  one.project === other.project && one.collection === other.collection && one.owner === other.owner;

/** The collection that is looked at: the named one, else the one that changed last. */
export function chosenOf(
  known: readonly CollectionStatistics[],
  named: Partial<Collection>,
  project: string | undefined,
): Collection | null {
  const newest = known.toSorted((one, other) => (BigInt(one.changed ?? 0) < BigInt(other.changed ?? 0) ? 1 : -1))[0];
  const home = project ?? named.project ?? newest?.project;
  if (named.collection !== undefined && home !== undefined)
    return { project: home, collection: named.collection, owner: named.owner ?? "" };
  return newest ? { project: newest.project, collection: newest.collection, owner: newest.owner } : null;
}

/** Whose a collection is, as people say it. */
export function ownerIn(owner: string): { type: "project" | "agent" | "workspace"; name: string } {
  const [kind = "", ...rest] = owner.split(":");
  const name = rest.join(":");
  if (kind === "agent") return { type: "agent", name };
  return kind === "workspace" ? { type: "workspace", name } : { type: "project", name: "" };
}

/** Whether a record holds at a moment, in nanoseconds since the epoch. */
export function holds({ valid_from, valid_until }: ToldRecord, moment: bigint): boolean {
  return (
    (valid_from === null || BigInt(valid_from) <= moment) && (valid_until === null || moment < BigInt(valid_until))
  );
}

/** The newest of these versions, newest first, that was there at a position. */
export function versionAt(versions: readonly ToldRecord[], at: string | null): ToldRecord | undefined {
  return at === null ? versions[0] : versions.find(({ position }) => BigInt(position) <= BigInt(at));
}

/** The last part of a path or an address. */
export const lastPart = (path: string) => path.split(/[\\/]/).findLast(Boolean) ?? path;

/** Where in a file or page a record is from: "docs/a.md: Servers > Staging, lines 3 to 9". */
export function spotIn({ place, heading, first_line, last_line, page }: ToldRecord["source"]): string {
  const lines =
    first_line === null
      ? ""
      : last_line === null || last_line === first_line
        ? `line ${first_line}`
        : `lines ${first_line} to ${last_line}`;
  const within = [heading, page === null ? "" : `page ${page}`, lines].filter(Boolean).join(", ");
  return [place, within].filter(Boolean).join(": ");
}
