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

/** A place where a program and its tape part, as a job tells it. */
export interface Divergence {
  kind: "changed" | "new" | "missing" | "unanswered" | "output";
  seq: number;
  label: string;
  operation: string;
  site: string;
  differences: [path: string, expected: string, got: string][];
  has_more: boolean;
  cause: string;
  fork_at: string | null;
}

/** How a replay came out, as its job tells it. */
export interface Verdict {
  status: "identical" | "drift" | "diverged" | "unreplayable";
  calls: number;
  served: number;
  live: number;
  diverged_at: number | null;
  why: string;
  divergences: Divergence[];
  notes: string[];
  recorded_proof: string;
  replayed_proof: string;
}

/** What came of a job, where it tells a verdict. */
export function verdictOf(job: Job): Verdict | null {
  const result = job.result as Partial<Verdict> | null;
  if (job.kind !== "replay" || !result || typeof result.status !== "string") return null;
  return {
    divergences: [],
    notes: [],
    why: "",
    live: 0,
    diverged_at: null,
    recorded_proof: "",
    replayed_proof: "",
    calls: 0,
    served: 0,
    ...result,
  } as Verdict;
}
