/** What the settings ask the API for. */

import { useQuery } from "@tanstack/react-query";

import { get } from "@/api/client";
import type { Statistics } from "@/api/types";

/** How much the store holds, table by table, which takes a walk through the file. */
export function useStatistics() {
  return useQuery({
    queryKey: ["statistics", "deep"],
    queryFn: ({ signal }) => get<Statistics>("/statistics", { deep: true }, signal),
    staleTime: 60_000,
  });
}
