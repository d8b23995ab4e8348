/** What the player asks for first: the session, and the first of its spans. Small, because every page has it. */

import { type QueryClient, queryOptions } from "@tanstack/react-query";

import { get, getBytes } from "@/api/client";
import type { Session } from "@/api/types";
import { firstQuestion, sessionQuestion, type Which } from "@/player/first";

export const sessionQuery = (which: Which) =>
  queryOptions({
    queryKey: ["session", which.project, which.session],
    queryFn: ({ signal }) => get<Session>(...sessionQuestion(which), signal),
  });

/** The first spans, as the server tells them. */
export const firstQuery = (which: Which) =>
  queryOptions({
    queryKey: ["columns", which.project, which.session],
    queryFn: ({ signal }) => getBytes(...firstQuestion(which), signal),
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    // Who comes back later wants to see what is there then.
    gcTime: 10_000,
  });

/** So long a page waits for what is in it; then it says that it waits. */
const PATIENCE = 150;

/** Ask for both as soon as the address is known, while the player itself is being loaded. */
export async function openEarly(queries: QueryClient, which: Which): Promise<void> {
  const asked = [queries.prefetchQuery(sessionQuery(which)), queries.prefetchQuery(firstQuery(which))];
  await Promise.race([Promise.all(asked), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
}
