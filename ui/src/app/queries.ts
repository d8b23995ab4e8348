/** What was asked and is known: one memory for all pages. */

import { QueryClient } from "@tanstack/react-query";

import { ApiError } from "@/api/client";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (failures, error) =>
        failures < 2 && error instanceof ApiError && (error.isOffline || error.status === 503),
    },
  },
});
