/** What the page asks the API for, each question once. */

import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";

import { get, type Page } from "@/api/client";
import type { Measure } from "@/api/types";
import type { Dimension, Only } from "@/measures/behind";
import { nanoseconds, type Period } from "@/measures/period";

export type Order = "cost" | "tokens" | "spans" | "errors" | "sessions" | "p50" | "p95";

/** How often figures of the present are asked for again. */
const AGAIN = 15_000;

function question(period: Period, only: Only, rest: Record<string, string | number>) {
  const asked = { since: nanoseconds(period.since), until: nanoseconds(period.until), ...only, ...rest };
  return {
    queryKey: ["measures", asked],
    queryFn: ({ signal }: { signal: AbortSignal }) => get<Page<Measure>>("/measures", asked, signal),
    refetchInterval: AGAIN,
    placeholderData: keepPreviousData,
  };
}

/** All of the period in one; null while nobody has answered. */
export function useWhole(period: Period, only: Only) {
  return useQuery(question(period, only, { grain: "all" }));
}

/** Bucket by bucket. */
export function useSeries(period: Period, only: Only) {
  return useQuery(question(period, only, { grain: period.grain }));
}

/** The values of a dimension, those with most of something first. */
export function useTop(period: Period, only: Only, by: Dimension, order: Order, limit: number) {
  return useQuery(question(period, only, { grain: "all", by, order, limit }));
}

/** Bucket by bucket, for some values of a dimension each. */
export function useSplit(period: Period, only: Only, by: Dimension, values: readonly string[]) {
  return useQueries({
    queries: values.map((value) => question(period, { ...only, [by]: value }, { grain: period.grain })),
  });
}
