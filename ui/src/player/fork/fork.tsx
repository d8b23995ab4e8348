/** Go on from a step with something changed: what is before it is served, what is behind it happens anew. */

import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";

import { Button } from "@/design/button";
import { Dialog } from "@/design/dialog";
import { Failed, Loading } from "@/design/quiet";
import { type Change, changesOf, conflictIn, writtenValue } from "@/player/fork/changes";
import { useJob } from "@/player/fork/job";
import { LastWords, Progress } from "@/player/fork/progress";
import { Choose } from "@/player/fork/replay";
import { nameOf, useExchange, useSpan } from "@/player/inspector/ask";
import type { Which } from "@/player/load";
import { nearest } from "@/player/model/moves";
import { titleOf } from "@/player/model/outline";
import { type Recording, wordOf } from "@/player/model/recording";
import { usePlayer } from "@/player/state";

const Editor = lazy(() => import("@/player/fork/editor"));
const TAILS = [
  ["live", "Live calls"],
  ["hybrid", "Recorded answers while the questions are the same"],
] as const;

export function Fork({ which, close }: { which: Which; close: () => void }) {
  const recording = usePlayer((state) => state.recording);
  const selected = usePlayer((state) => state.selected);
  const job = useJob(which, "fork");
  if (!recording) return null;
  return (
    <Dialog title={`Fork at step ${selected + 1}`} isOpen close={close} className="w-[min(48rem,calc(100vw-2rem))]">
      <At key={selected} recording={recording} index={selected} which={which} work={job} close={close} />
    </Dialog>
  );
}

interface AtProps {
  recording: Recording;
  index: number;
  which: Which;
  work: ReturnType<typeof useJob>;
  close: () => void;
}

function At({ recording, index, which, work, close }: AtProps) {
  const name = useMemo(() => nameOf(recording, index, which), [recording, index, which]);
  const span = useSpan(name);
  const isCall = span.data?.kept.some(({ role }) => role === "request") ?? false;
  const call = useExchange(name, isCall);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [tail, setTail] = useState<string>("live");
  const { begin, job, error, isBusy, cancel, again } = work;
  if (span.isPending || (isCall && call.isPending)) return <Loading what="Reading the call" />;
  if (!span.data || !call.data?.recorded) return <NoCall recording={recording} index={index} close={close} />;
  const changes = changesOf(span.data, call.data);
  const changed = changes.filter((one) => texts[one.path] !== undefined && texts[one.path] !== one.text);
  const broken = changed.find((one) => !isReadable(one, texts[one.path] as string));
  const start = () => {
    const patches = Object.fromEntries(changed.map((one) => [one.path, writtenValue(one, texts[one.path] as string)]));
    begin({ at: index + 1, patches, tail });
  };
  const made = job?.result?.session;
  return (
    <>
      <div className="flex min-h-0 flex-col gap-3 overflow-y-auto p-4">
        {!job && (
          <>
            <p className="text-ink-soft">
              <strong className="font-medium text-ink">{titleOf(recording, index)}</strong>: what was recorded before it
              is served again and costs nothing; behind it the program goes on by itself, on the machine of the server.
              This session stays as it is.
            </p>
            {changes.map((one) => (
              <Field
                key={one.path}
                change={one}
                text={texts[one.path]}
                edit={(text) => setTexts((before) => ({ ...before, [one.path]: text }))}
              />
            ))}
            <Choose label="Behind this step" value={tail} change={setTail} choices={TAILS} />
          </>
        )}
        {conflictIn(changed) && (
          <p className="rounded-md bg-warn-soft px-2 py-1 text-warn">
            Change what is asked or what is answered, not both: a new question gets a new answer.
          </p>
        )}
        {broken && <p className="rounded-md bg-warn-soft px-2 py-1 text-warn">{broken.label} is no JSON.</p>}
        {error && <Failed error={error} />}
        {job && isBusy && <Progress job={job} cancel={cancel} />}
        {job && <LastWords job={job} />}
        {typeof made === "string" && !isBusy && (
          <div className="flex flex-wrap items-center gap-3">
            <p className="text-good">The fork is recorded.</p>
            <Link
              to="/sessions/$session"
              params={{ session: made }}
              search={{ project: span.data.project, at: index + 1 }}
              onClick={close}
              className="text-accent underline underline-offset-2"
            >
              Open it
            </Link>
            <Link
              to="/compare"
              search={{ before: which.session, after: made, project: span.data.project }}
              className="text-accent underline underline-offset-2"
            >
              Compare
            </Link>
          </div>
        )}
      </div>
      <footer className="flex justify-end gap-2 border-t px-4 py-3">
        <Button onClick={close}>Close</Button>
        {job && !isBusy ? (
          <Button onClick={again}>Change something else</Button>
        ) : (
          <Button look="main" disabled={isBusy || conflictIn(changed) || broken !== undefined} onClick={start}>
            {changed.length ? "Fork" : "Fork without a change"}
          </Button>
        )}
      </footer>
    </>
  );
}

function Field({ change, text, edit }: { change: Change; text: string | undefined; edit: (text: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const isChanged = text !== undefined && text !== change.text;
  return (
    <section>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex w-full items-center gap-3 rounded-md border px-2 py-1 text-left hover:bg-raised aria-expanded:mb-1"
      >
        <span className="w-44 shrink-0">
          {change.label}
          {isChanged && <span className="ml-2 rounded-sm bg-accent-soft px-1 text-xs text-accent">changed</span>}
        </span>
        <span className="truncate font-mono text-sm text-ink-faint">
          {(text ?? change.text).slice(0, 200) || "(empty)"}
        </span>
      </button>
      {isOpen && (
        <Suspense fallback={<Loading what="Opening the editor" />}>
          <Editor label={change.label} text={text ?? change.text} isJson={change.isJson} change={edit} />
        </Suspense>
      )}
    </section>
  );
}

/** The span is no recorded call: the nearest ones are offered instead. */
function NoCall({ recording, index, close }: { recording: Recording; index: number; close: () => void }) {
  const near = [nearest(recording, index, "call", 1), nearest(recording, index, "call", -1)].filter((one) => one >= 0);
  return (
    <div className="p-4">
      <p className="mb-3 text-ink-soft">
        A fork begins at a call that was recorded byte for byte, and “{titleOf(recording, index)}” (
        {wordOf(recording.kind, index)}) is none.
      </p>
      <div className="flex flex-wrap gap-2">
        {near.map((one) => (
          <Button key={one} onClick={() => usePlayer.getState().select(one)}>
            Step {one + 1}: {titleOf(recording, one)}
          </Button>
        ))}
        <Button look="bare" onClick={close}>
          Close
        </Button>
      </div>
    </div>
  );
}

function isReadable(change: Change, text: string): boolean {
  try {
    writtenValue(change, text);
    return true;
  } catch {
    return false;
  }
}
