/** How a replay came out; and where the program and its tape parted. */

import { CircleCheck, CircleX } from "lucide-react";

import { Button } from "@/design/button";
import type { Divergence, Verdict } from "@/player/fork/verdicts";
import { usePlayer } from "@/player/state";

const SAYS: Record<Verdict["status"], string> = {
  identical: "Identical",
  drift: "The same, with drift",
  diverged: "Diverged",
  unreplayable: "Cannot be replayed",
};

const KINDS: Record<Divergence["kind"], string> = {
  changed: "asked something else than was recorded",
  new: "is not in the recording",
  missing: "was recorded and was not made",
  unanswered: "was never answered in the recording",
  output: "The calls were the same, and what the program put out is not",
};

export function VerdictShown({ verdict, close, fork }: { verdict: Verdict; close: () => void; fork: () => void }) {
  const isGood = verdict.status === "identical" || verdict.status === "drift";
  const Glyph = isGood ? CircleCheck : CircleX;
  return (
    <div className="flex flex-col gap-3">
      <p className={`flex items-center gap-2 text-lg font-medium ${isGood ? "text-good" : "text-bad"}`}>
        <Glyph aria-hidden className="size-5" />
        {SAYS[verdict.status]}
        {verdict.diverged_at !== null && ` at step ${verdict.diverged_at}`}
      </p>
      <p className="text-ink-soft">
        {verdict.served} of {verdict.calls} calls were served from the recording
        {verdict.live > 0 && `, ${verdict.live} were performed`}.{verdict.why && ` ${verdict.why}`}
      </p>
      {verdict.divergences.map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the divergences of a verdict never change their order
        <DivergenceShown key={index} divergence={one} isFirst={index === 0} close={close} fork={fork} />
      ))}
      {verdict.notes.map((note) => (
        <p key={note} className="text-sm text-ink-faint">
          {note}
        </p>
      ))}
      {verdict.status === "identical" && (
        <p className="font-mono text-sm break-all text-ink-faint">
          proof <span className="select-all">{verdict.replayed_proof}</span>
        </p>
      )}
    </div>
  );
}

interface Props {
  divergence: Divergence;
  isFirst: boolean;
  close: () => void;
  fork: () => void;
}

function DivergenceShown({ divergence, isFirst, close, fork }: Props) {
  const { kind, seq, label, operation, site, differences, cause } = divergence;
  const goTo = (then: () => void) => {
    usePlayer.getState().select(Math.max(0, seq - 1));
    then();
  };
  return (
    <section className={`rounded-md border p-3 ${isFirst ? "border-bad" : ""}`}>
      <p>
        {kind === "output" ? (
          KINDS.output
        ) : (
          <>
            <strong className="font-medium">{label || operation}</strong> (step {seq}) {KINDS[kind]}
          </>
        )}
      </p>
      {site && <p className="font-mono text-sm text-ink-faint">{site}</p>}
      {cause && <p className="mt-1">{cause}</p>}
      <ul className="mt-2 flex flex-col gap-2 font-mono text-sm">
        {differences.map(([path, expected, got]) => (
          <li key={path} className="min-w-0">
            <p className="text-ink-faint">{path}</p>
            <p className="bg-bad-soft px-1 break-words whitespace-pre-wrap text-bad">- {expected}</p>
            <p className="bg-good/12 px-1 break-words whitespace-pre-wrap text-good">+ {got}</p>
          </li>
        ))}
      </ul>
      {divergence.has_more && <p className="text-sm text-ink-faint">There are further differences.</p>}
      {kind !== "output" && (
        <div className="mt-2 flex gap-2">
          <Button onClick={() => goTo(close)}>Go to step {seq}</Button>
          {divergence.fork_at !== null && <Button onClick={() => goTo(fork)}>Fork there</Button>}
        </div>
      )}
    </section>
  );
}
