/** The snapshots that were taken in a session. In a file of its own, because the time axis has them and is painted first. */

import { useQuery } from "@tanstack/react-query";

import { get } from "@/api/client";
import type { ShelvedPage } from "@/api/types";

export const useTaken = (session: string, isWanted = true) =>
  useQuery({
    queryKey: ["snapshots", session],
    queryFn: ({ signal }) => get<ShelvedPage>("/snapshots", { session }, signal),
    retry: false,
    enabled: isWanted,
  });
