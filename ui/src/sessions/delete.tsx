/** Asks before sessions are deleted for good, and shows what went. */

import { useState } from "react";

import { remove } from "@/api/client";
import type { Receipt, Session } from "@/api/types";
import { Button } from "@/design/button";
import { Dialog } from "@/design/dialog";
import { bytes, count } from "@/design/format";
import { Sure } from "@/design/sure";
import { Failures } from "@/sessions/failures";
import { each, type Progress } from "@/sessions/several";

interface Props {
  sessions: readonly Session[];
  close: () => void;
  onGone: (sessions: readonly Session[]) => void;
}

type Sum = Pick<Receipt, "sessions" | "spans" | "contents" | "content_bytes" | "links">;

const NOTHING: Sum = { sessions: 0, spans: 0, contents: 0, content_bytes: 0, links: 0 };
const SHOWN = 6;

export function DeleteDialog({ sessions, close, onGone }: Props) {
  const [isSure, setSure] = useState(false);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [gone, setGone] = useState<Sum | null>(null);
  const spans = sessions.reduce((sum, { summary }) => sum + summary.spans, 0);
  const isBusy = progress !== null && progress.done < progress.of;
  const many = sessions.length === 1 ? "this session" : `these ${count(sessions.length)} sessions`;

  const start = async () => {
    let sum = NOTHING;
    const done: Session[] = [];
    const act = async (session: Session) => {
      const path = `/sessions/${encodeURIComponent(session.id)}`;
      sum = plus(sum, await remove<Receipt>(path, { project: session.project, confirm: session.id }));
      done.push(session);
    };
    await each(sessions, act, setProgress);
    setGone(sum);
    onGone(done);
  };

  return (
    <Dialog title={gone ? "What was deleted" : `Delete ${many}?`} isOpen close={() => !isBusy && close()}>
      <div className="flex min-h-0 flex-col gap-3 overflow-y-auto p-4">
        {gone ? (
          <Told sum={gone} />
        ) : (
          <>
            <ul>
              {sessions.slice(0, SHOWN).map((session) => (
                <li key={`${session.project} ${session.id}`} className="flex gap-2">
                  <span className="truncate font-medium">{session.name || session.id}</span>
                  <span className="shrink-0 text-ink-faint">
                    {session.project}, {count(session.summary.spans)} spans
                  </span>
                </li>
              ))}
              {sessions.length > SHOWN && <li className="text-ink-faint">and {sessions.length - SHOWN} more</li>}
            </ul>
            <p className="text-ink-soft">
              {count(spans)} spans go for good, with their calls, their place in searches and measures, and every
              content that nothing else holds. Their bytes are gone from the files afterwards. Forks of {many} stay, but
              lose the past they share.
            </p>
            <Sure isSure={isSure} change={setSure} />
          </>
        )}
        {progress && <Failures progress={progress} />}
      </div>
      <footer className="flex justify-end gap-2 border-t p-3">
        <Button onClick={close} disabled={isBusy}>
          {gone ? "Close" : "Keep"}
        </Button>
        {!gone && (
          <Button look="danger" disabled={!isSure || isBusy} onClick={() => void start()}>
            {isBusy ? `Deleting ${progress.done + 1} of ${progress.of}` : "Delete for good"}
          </Button>
        )}
      </footer>
    </Dialog>
  );
}

function plus(one: Sum, other: Sum): Sum {
  return {
    sessions: one.sessions + other.sessions,
    spans: one.spans + other.spans,
    contents: one.contents + other.contents,
    content_bytes: one.content_bytes + other.content_bytes,
    links: one.links + other.links,
  };
}

function Told({ sum }: { sum: Sum }) {
  const lines = [
    ["Sessions", count(sum.sessions)],
    ["Spans", count(sum.spans)],
    ["Contents", `${count(sum.contents)} (${bytes(sum.content_bytes)})`],
    ["Links of contexts", count(sum.links)],
  ] as const;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1">
      {lines.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-soft">{name}</dt>
          <dd className="tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
