/** Gives sessions a label, or takes it away. */

import { useState } from "react";

import { patch } from "@/api/client";
import type { Session } from "@/api/types";
import { Button } from "@/design/button";
import { Dialog } from "@/design/dialog";
import { count } from "@/design/format";
import { Failures } from "@/sessions/failures";
import { each, type Progress } from "@/sessions/several";

interface Props {
  sessions: readonly Session[];
  close: () => void;
  onTold: (sessions: readonly Session[]) => void;
}

const FIELD = "h-8 min-w-0 rounded-md border bg-panel px-2";

export function LabelDialog({ sessions, close, onTold }: Props) {
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const [progress, setProgress] = useState<Progress | null>(null);
  const known = [...new Set(sessions.flatMap((session) => Object.keys(session.labels)))].toSorted();
  const isBusy = progress !== null && progress.done < progress.of;

  const start = async (told: string | null) => {
    const changed: Session[] = [];
    const act = async (session: Session) => {
      const path = `/sessions/${encodeURIComponent(session.id)}`;
      changed.push(await patch<Session>(path, { labels: { [key.trim()]: told } }, { project: session.project }));
    };
    const { failed } = await each(sessions, act, setProgress);
    onTold(changed);
    if (!failed.length) close();
  };

  return (
    <Dialog
      title={sessions.length === 1 ? "Label this session" : `Label ${count(sessions.length)} sessions`}
      isOpen
      close={() => !isBusy && close()}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim()) void start(value.trim());
        }}
      >
        <div className="flex flex-col gap-3 p-4">
          <div className="grid grid-cols-2 gap-2">
            <label className="grid gap-1 text-ink-soft">
              Label
              <input
                value={key}
                onChange={(event) => setKey(event.target.value)}
                list="labels-known"
                placeholder="env"
                autoComplete="off"
                className={`${FIELD} text-ink`}
              />
            </label>
            <label className="grid gap-1 text-ink-soft">
              Value
              <input
                value={value}
                onChange={(event) => setValue(event.target.value)}
                placeholder="prod"
                autoComplete="off"
                className={`${FIELD} text-ink`}
              />
            </label>
          </div>
          <datalist id="labels-known">
            {known.map((label) => (
              <option key={label}>{label}</option>
            ))}
          </datalist>
          <p className="text-sm text-ink-faint">Sessions that still run cannot be labelled: their recorder tells it.</p>
          {progress && <Failures progress={progress} />}
        </div>
        <footer className="flex justify-end gap-2 border-t p-3">
          <Button disabled={!known.includes(key.trim()) || isBusy} onClick={() => void start(null)}>
            Take it away
          </Button>
          <Button type="submit" look="main" disabled={!key.trim() || isBusy}>
            Label
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
