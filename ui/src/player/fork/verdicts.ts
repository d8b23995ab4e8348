/** How replays came out, as their jobs tell it. */

import type { Job } from "@/api/types";

/** A place where a program and its tape part. */
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
export function verdictIn(job: Job): Verdict | null {
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
