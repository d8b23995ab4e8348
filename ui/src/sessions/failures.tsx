/** How far something done to several sessions is, and which of them it failed for. */

import { ApiError } from "@/api/client";
import type { Progress } from "@/sessions/several";

export function Failures({ progress }: { progress: Progress }) {
  return (
    <div role="status" className="flex min-h-0 flex-col gap-2">
      {progress.done < progress.of && (
        <progress
          value={progress.done}
          max={progress.of}
          aria-label={`${progress.done} of ${progress.of}`}
          className="h-1.5 w-full accent-(--accent)"
        />
      )}
      {progress.failed.length > 0 && (
        <ul className="max-h-48 overflow-y-auto rounded-md bg-bad-soft p-2">
          {progress.failed.map(({ session, error }) => (
            <li key={`${session.project} ${session.id}`} className="py-0.5">
              <span className="font-medium">{session.name || session.id}</span>: {error.message}
              {error instanceof ApiError && error.hint && <span className="text-ink-soft"> {error.hint}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
