/** How far a job is, and what it said when it failed. */

import type { Job } from "@/api/types";
import { Button } from "@/design/button";
import { isOver } from "@/player/fork/job";

export function Progress({ job, cancel }: { job: Job; cancel: () => void }) {
  const { progress } = job;
  const share = progress ? Math.min(1, progress.done / Math.max(1, progress.of)) : 0;
  return (
    <div role="status" className="flex items-center gap-3">
      <div className="grow">
        <p className="mb-1 text-ink-soft">
          {job.status === "waiting"
            ? "Waits for its turn"
            : progress
              ? `Call ${progress.done} of ${progress.of}`
              : "The program starts"}
        </p>
        <div className="h-1 overflow-hidden rounded-full bg-sunken">
          <div className="h-full bg-accent transition-[width] duration-200" style={{ width: `${share * 100}%` }} />
        </div>
      </div>
      <Button onClick={cancel}>Cancel</Button>
    </div>
  );
}

/** What a job said that did not do what it is there for. */
export function LastWords({ job }: { job: Job }) {
  if (!isOver(job) || job.status === "completed") return null;
  return (
    <div className="rounded-md bg-bad-soft p-3">
      <p className="font-medium text-bad">
        The {job.kind}{" "}
        {job.status === "failed" ? "failed" : job.status === "timed out" ? "took too long" : "was cancelled"}
        {job.exit_code ? ` (exit code ${job.exit_code})` : ""}
      </p>
      {job.said && <pre className="mt-1 max-h-48 overflow-auto font-mono text-sm whitespace-pre-wrap">{job.said}</pre>}
    </div>
  );
}
