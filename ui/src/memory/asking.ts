/** What is asked about memory. Everything is asked anew when the collection says that it changed. */

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { get, type Page } from "@/api/client";
import type {
  CollectionStatistics,
  CollectionStatisticsPage,
  MemoryChange,
  MemoryHits,
  ToldMemoryHit,
  ToldRecord,
  WholeCollection,
} from "@/api/types";
import type { Collection, Place } from "@/memory/place";

const PAGE = 100;
/** So many changes the slider goes back. */
export const MOST_CHANGES = 500;
const MOST_VERSIONS = 200;
const EVERY = 10_000;
/** To tell what collections come to, the server looks at each record: above so many it is not asked by itself. */
const MANY = 10_000;

/** One that is shown: as it is held, or as it was found. */
export interface Shown {
  record: ToldRecord;
  hit: ToldMemoryHit | null;
}

export interface Answer {
  items: Shown[];
  /** By what was searched; null where nothing was looked for. */
  by: MemoryHits["by"] | null;
  note: string;
}

export const useCollections = (project: string | undefined) =>
  useQuery({
    queryKey: ["memory", "collections", project ?? null],
    queryFn: ({ signal }) => get<CollectionStatisticsPage>("/memory/collections", { project }, signal),
    refetchInterval: ({ state }) => (recordsIn(state.data?.items ?? []) > MANY ? false : EVERY),
  });

const recordsIn = (items: readonly CollectionStatistics[]) => items.reduce((sum, { records }) => sum + records, 0);

/** Changes with the collection, so that what was asked of it before is asked again. */
export const stampOf = (known: CollectionStatistics | undefined) => (known ? `${known.changed} ${known.records}` : "");

/** What is shown of a collection: what it holds, what it held, or what was found. */
export function useShown(whose: Collection, place: Place, stamp: string) {
  return useInfiniteQuery({
    queryKey: ["memory", "shown", whose, { ...place, record: null }, stamp],
    queryFn: ({ pageParam, signal }) => ask(whose, place, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

async function ask(whose: Collection, place: Place, cursor: string | null, signal: AbortSignal) {
  const { text, by, isEverywhere, hasExpired, at } = place;
  const within = { ...whose, limit: PAGE };
  const expired = hasExpired || undefined;
  if (text) {
    const question = { ...within, text, by, everywhere: isEverywhere || undefined, expired, position: at };
    const found = await get<MemoryHits>("/memory/search", question, signal);
    const items = found.items.map((hit): Shown => ({ record: hit.record, hit }));
    return { items, by: found.by, note: found.note, next: null };
  }
  if (at !== null) {
    const { records } = await get<WholeCollection>("/memory/whole", { ...whose, position: at }, signal);
    const newest = records.toSorted((one, other) => (BigInt(one.position) < BigInt(other.position) ? 1 : -1));
    return { items: newest.map(bare), by: null, note: "", next: null };
  }
  const page = await get<Page<ToldRecord>>("/memory", { ...within, expired, cursor }, signal);
  return { items: page.items.map(bare), by: null, note: "", next: page.next };
}

const bare = (record: ToldRecord): Shown => ({ record, hit: null });

/** The changes of a collection, the newest first. */
export const useChanges = (whose: Collection, stamp: string) =>
  useQuery({
    queryKey: ["memory", "log", whose, stamp],
    queryFn: ({ signal }) => get<Page<MemoryChange>>("/memory/log", { ...whose, limit: MOST_CHANGES }, signal),
    placeholderData: keepPreviousData,
  });

/** All versions of a record, the newest first. */
export const useVersions = (whose: Collection, record: string, stamp: string) =>
  useQuery({
    queryKey: ["memory", "history", whose, record, stamp],
    queryFn: ({ signal }) =>
      get<Page<ToldRecord>>("/memory/history", { ...whose, record, limit: MOST_VERSIONS }, signal),
    retry: false,
  });
