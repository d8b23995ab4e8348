/** Replays and forks on the machine of the server: started, followed, told. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { get, post, remove } from "@/api/client";
import type { Job } from "@/api/types";
import type { Which } from "@/player/load";

const OFTEN = 300;
const OVER = new Set<Job["status"]>(["completed", "failed", "cancelled", "timed out"]);

export const isOver = (job: Job): boolean => OVER.has(job.status);

export function useJob(which: Which, kind: "replay" | "fork") {
  const queries = useQueryClient();
  const begin = useMutation({
    mutationFn: (wish: object) => post<Job>(`/sessions/${which.session}/${kind}`, wish, { project: which.project }),
  });
  const id = begin.data?.id;
  const job = useQuery({
    queryKey: ["job", id],
    queryFn: ({ signal }) => get<Job>(`/jobs/${id}`, {}, signal),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : OFTEN),
  });
  const now = id === undefined ? undefined : (job.data ?? begin.data);
  const done = now !== undefined && isOver(now);
  useEffect(() => {
    if (!done) return;
    void queries.invalidateQueries({ queryKey: ["family"] });
    void queries.invalidateQueries({ queryKey: ["jobs"] });
    void queries.invalidateQueries({ queryKey: ["sessions"] });
  }, [done, queries]);
  return {
    begin: begin.mutate,
    again: begin.reset,
    job: now,
    error: begin.error ?? job.error,
    isBusy: begin.isPending || (now !== undefined && !done),
    cancel: () => void (id && remove(`/jobs/${id}`)),
  };
}
