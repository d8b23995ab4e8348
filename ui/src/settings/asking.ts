/** What the settings ask the API for. */

import { useQuery } from "@tanstack/react-query";

import { get } from "@/api/client";
import type { Health, Statistics } from "@/api/types";

/** What `agentreplay doctor` says of the store. */
export function useHealth() {
  return useQuery({
    queryKey: ["storage"],
    queryFn: ({ signal }) => get<Health>("/storage", {}, signal),
    staleTime: 60_000,
  });
}

/** How much the store holds, table by table, which takes a walk through the file. */
export function useStatistics() {
  return useQuery({
    queryKey: ["statistics", "deep"],
    queryFn: ({ signal }) => get<Statistics>("/statistics", { deep: true }, signal),
    staleTime: 60_000,
  });
}
