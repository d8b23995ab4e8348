/** Run the recorded program again from its recording, and tell whether it came out the same. */

import { useState } from "react";

import type { Session } from "@/api/types";
import { Button } from "@/design/button";
import { Dialog } from "@/design/dialog";
import { Failed } from "@/design/quiet";
import { useDeeds } from "@/player/deeds";
import { useJob } from "@/player/fork/job";
import { LastWords, Progress } from "@/player/fork/progress";
import { VerdictShown } from "@/player/fork/verdict";
import { verdictIn } from "@/player/fork/verdicts";
import type { Which } from "@/player/load";

const WAYS = [
  ["stop", "Stop and tell where it parted"],
  ["serve", "Go on with the recorded answers"],
  ["live", "Go on with live calls"],
] as const;

export function Replay({ which, told, close }: { which: Which; told: Session; close: () => void }) {
  const { begin, again, job, error, isBusy, cancel } = useJob(which, "replay");
  const [onDivergence, setOnDivergence] = useState<string>("stop");
  const [speed, setSpeed] = useState<string>("instant");
  const verdict = job && verdictIn(job);
  return (
    <Dialog title="Replay" isOpen close={close}>
      <div className="flex min-h-0 flex-col gap-3 overflow-y-auto p-4">
        {!job && (
          <>
            <p className="text-ink-soft">
              Runs the recorded program again on the machine of the server. Its calls are answered from this recording.
            </p>
            {told.program ? (
              <p className="rounded-md bg-sunken px-2 py-1 font-mono text-sm break-all">
                {told.program.argv.join(" ")}
              </p>
            ) : (
              <p className="rounded-md bg-warn-soft px-2 py-1 text-warn">
                It is not known which program made this recording.
              </p>
            )}
            <Choose label="If it asks something else" value={onDivergence} change={setOnDivergence} choices={WAYS} />
            <Choose
              label="Speed"
              value={speed}
              change={setSpeed}
              choices={[
                ["instant", "As fast as it goes"],
                ["recorded", "As it was recorded"],
              ]}
            />
          </>
        )}
        {error && <Failed error={error} />}
        {job && isBusy && <Progress job={job} cancel={cancel} />}
        {verdict && <VerdictShown verdict={verdict} close={close} fork={() => useDeeds.getState().open("fork")} />}
        {job && !verdict && <LastWords job={job} />}
      </div>
      <footer className="flex justify-end gap-2 border-t px-4 py-3">
        <Button onClick={close}>Close</Button>
        {job && !isBusy ? (
          <Button onClick={again}>Again</Button>
        ) : (
          <Button look="main" disabled={isBusy} onClick={() => begin({ on_divergence: onDivergence, speed })}>
            Replay
          </Button>
        )}
      </footer>
    </Dialog>
  );
}

interface ChooseProps {
  label: string;
  value: string;
  change: (value: string) => void;
  choices: readonly (readonly [string, string])[];
}

export function Choose({ label, value, change, choices }: ChooseProps) {
  return (
    <label className="flex items-center gap-3">
      <span className="w-44 shrink-0 text-ink-soft">{label}</span>
      <select
        value={value}
        onChange={(event) => change(event.target.value)}
        className="h-7 min-w-0 grow rounded-md border bg-panel px-2"
      >
        {choices.map(([name, told]) => (
          <option key={name} value={name}>
            {told}
          </option>
        ))}
      </select>
    </label>
  );
}
