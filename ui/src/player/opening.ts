/** What the player asks for first: the session, and the first of its spans. Small, because every page has it. */

import { type QueryClient, queryOptions } from "@tanstack/react-query";

import { get, getBytes } from "@/api/client";
import type { Session } from "@/api/types";

export interface Which {
  session: string;
  project: string | undefined;
}

/** More than any screen shows at once, and read and laid out in a few milliseconds. */
export const FIRST = 1_000;

export const sessionQuery = ({ session, project }: Which) =>
  queryOptions({
    queryKey: ["session", project, session],
    queryFn: ({ signal }) => get<Session>(`/sessions/${session}`, { project }, signal),
  });

/** The first spans, as the server tells them. */
export const firstQuery = ({ session, project }: Which) =>
  queryOptions({
    queryKey: ["columns", project, session],
    queryFn: ({ signal }) => getBytes(`/sessions/${session}/columns`, { project, start: 1, limit: FIRST }, signal),
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
