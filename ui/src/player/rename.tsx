/** Gives a session another name. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ApiError, patch } from "@/api/client";
import type { Session } from "@/api/types";
import { Button } from "@/design/button";
import { Dialog } from "@/design/dialog";
import type { Which } from "@/player/load";
import { sessionQuery } from "@/player/opening";

export function Rename({ which, told, close }: { which: Which; told: Session; close: () => void }) {
  const [name, setName] = useState(told.name ?? "");
  const queries = useQueryClient();
  const rename = useMutation({
    mutationFn: () => patch<Session>(`/sessions/${which.session}`, { name: name.trim() }, { project: which.project }),
    onSuccess: (session) => {
      queries.setQueryData(sessionQuery(which).queryKey, session);
      for (const what of ["sessions", "family"]) void queries.invalidateQueries({ queryKey: [what] });
      close();
    },
  });
  const isRunning = told.status === "running";
  return (
    <Dialog title="Rename the session" isOpen close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate();
        }}
      >
        <div className="flex flex-col gap-3 p-4">
          <label className="grid gap-1 text-ink-soft">
            Name
            <input
              value={name}
              onChange={(event) => setName(event.target.value)}
              onFocus={(event) => event.target.select()}
              autoComplete="off"
              className="h-8 min-w-0 rounded-md border bg-panel px-2 text-ink"
            />
          </label>
          {isRunning && <p className="text-warn">It still runs, and its recorder tells its name until it has ended.</p>}
          {rename.error && (
            <p role="alert" className="text-bad">
              {rename.error.message}
              {rename.error instanceof ApiError && rename.error.hint && (
                <span className="block text-ink-soft">{rename.error.hint}</span>
              )}
            </p>
          )}
        </div>
        <footer className="flex justify-end gap-2 border-t px-4 py-3">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={!name.trim() || rename.isPending || isRunning}>
            Rename
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
