/** What the server tells of itself and of its store: what `agentreplay doctor` says. */

import { useQuery } from "@tanstack/react-query";

import { get } from "@/api/client";
import type { Health } from "@/api/types";

export function useHealth() {
  return useQuery({
    queryKey: ["storage"],
    queryFn: ({ signal }) => get<Health>("/storage", {}, signal),
    staleTime: 60_000,
  });
}
