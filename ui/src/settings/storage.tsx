/** What is stored, where it takes room, whether it is well, and giving free room back. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, LoaderCircle, TriangleAlert } from "lucide-react";

import { useState } from "react";

import { post } from "@/api/client";
import type { Finding, Health, Shrunk, Statistics } from "@/api/types";
import { useHealth } from "@/app/health";
import { useLive } from "@/app/live";
import { Button } from "@/design/button";
import { bytes, count, share } from "@/design/format";
import { Failed, Loading } from "@/design/quiet";
import { FILL } from "@/measures/colours";
import { useStatistics } from "@/settings/asking";
import { partsOf } from "@/settings/tables";

const LOOKS = ["agent", "model", "tool", "knowledge", "wire", "check", "other"] as const;

export function Storage() {
  const health = useHealth();
  const statistics = useStatistics();
  const error = health.error ?? statistics.error;
  if (error) return <Failed error={error} retry={() => void Promise.all([health.refetch(), statistics.refetch()])} />;
  if (!health.data || !statistics.data) return <Loading what="Walking through the store" />;
  return (
    <>
      <Findings health={health.data} />
      <Figures statistics={statistics.data} lag={health.data.examination.lag?.bytes ?? null} />
      <Room statistics={statistics.data} />
      <Vacuum free={statistics.data.free_bytes} />
    </>
  );
}

const LEVELS = {
  fine: { glyph: CircleCheck, tone: "text-good", label: "Fine" },
  warning: { glyph: TriangleAlert, tone: "text-warn", label: "Warning" },
  problem: { glyph: CircleAlert, tone: "text-bad", label: "Problem" },
} as const;

function Findings({ health }: { health: Health }) {
  return (
    <section className="mb-6">
      <p className="mb-2 text-ink-soft">
        In <code className="font-mono break-all text-ink">{health.examination.folder}</code>
      </p>
      <ul className="space-y-1">
        {health.findings.map((finding) => (
          <Found key={finding.text} finding={finding} />
        ))}
      </ul>
    </section>
  );
}

function Found({ finding }: { finding: Finding }) {
  const { glyph: Glyph, tone, label } = LEVELS[finding.level];
  return (
    <li className="flex gap-2">
      <Glyph role="img" aria-label={label} className={`mt-0.5 size-4 shrink-0 ${tone}`} />
      <span>
        {finding.text}
        {finding.hint && <span className="block text-ink-soft">{finding.hint}</span>}
      </span>
    </li>
  );
}

function Figures({ statistics, lag }: { statistics: Statistics; lag: number | null }) {
  const { sessions, spans, contents, wal_bytes, free_bytes, content_bytes, stored_bytes, conflicts } = statistics;
  const figures = [
    ["Sessions", count(sessions), ""],
    ["Spans", count(spans), conflicts ? `${count(conflicts)} contradicted others` : ""],
    ["Contents", count(contents), ""],
    ["The file", bytes(statistics.bytes), free_bytes ? `${bytes(free_bytes)} of it free` : ""],
    ["Write-ahead log", bytes(wal_bytes), ""],
    ["Journals to be read", lag === null ? "—" : bytes(lag), ""],
    [
      "Contents, once each",
      bytes(content_bytes),
      stored_bytes ? `${bytes(stored_bytes)} compressed, ${share(stored_bytes, content_bytes)} of it` : "",
    ],
    ["Bytes of a span", spans ? bytes(Math.round(statistics.bytes / spans)) : "—", "of the file, all together"],
  ];
  return (
    <dl className="mb-6 grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line lg:grid-cols-4">
      {figures.map(([name, value, note]) => (
        <div key={name} className="bg-panel px-3 py-2">
          <dt className="text-sm text-ink-soft">{name}</dt>
          <dd className="text-xl">{value}</dd>
          <dd className="min-h-4.5 text-sm text-ink-faint">{note}</dd>
        </div>
      ))}
    </dl>
  );
}

function Room({ statistics }: { statistics: Statistics }) {
  const parts = partsOf(statistics.table_bytes);
  const whole = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (!whole) return null;
  return (
    <section className="mb-6">
      <h2 className="mb-2 font-medium">What takes the room</h2>
      <div aria-hidden className="mb-3 flex h-4 gap-px overflow-hidden rounded-sm">
        {parts.map((part, place) => (
          <span
            key={part.label}
            className={FILL[LOOKS[place] ?? "other"]}
            style={{ width: `${(part.bytes / whole) * 100}%` }}
          />
        ))}
      </div>
      {parts.map((part, place) => (
        <details key={part.label} className="border-b">
          <summary className="flex items-center gap-2 py-1.5 hover:bg-raised">
            <span aria-hidden className={`size-2.5 rounded-sm ${FILL[LOOKS[place] ?? "other"]}`} />
            <span className="grow">{part.label}</span>
            <span className="text-ink-faint">{share(part.bytes, whole)}</span>
            <span className="w-20 text-right">{bytes(part.bytes)}</span>
          </summary>
          <ul className="pb-2 pl-4.5">
            {part.tables.map((table) => (
              <li key={table.name} className="flex justify-between font-mono text-sm text-ink-soft">
                {table.name} <span>{bytes(table.bytes)}</span>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}

/** How far the file is being shrunk, as the live feed tells it. */
interface Step {
  done: number;
  of: number;
}

function Vacuum({ free }: { free: number }) {
  const queries = useQueryClient();
  const vacuum = useMutation({
    mutationFn: () => post<Shrunk>("/storage/vacuum"),
    onMutate: () => setStep(null),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["statistics"] }),
        queries.invalidateQueries({ queryKey: ["storage"] }),
      ]),
  });
  const [step, setStep] = useState<Step | null>(null);
  useLive(undefined, ({ name, data }) => name === "vacuum" && setStep(data as Step));
  return (
    <section>
      <h2 className="mb-1 font-medium">Give free room back to the disk</h2>
      <p className="mb-3 text-ink-soft">
        {free ? `${bytes(free)} inside the file are free. ` : "Nothing inside the file is free at the moment. "}
        The file is written anew; what comes in meanwhile waits in the journals, and nothing of it is lost.
      </p>
      <Button disabled={vacuum.isPending} onClick={() => vacuum.mutate()}>
        {vacuum.isPending && <LoaderCircle aria-hidden className="size-3.5 animate-spin" />}
        {vacuum.isPending ? "Writing the file anew" : "Shrink the file"}
      </Button>
      {vacuum.isPending && step && step.done < step.of && (
        <label className="mt-3 flex items-center gap-2 text-sm text-ink-soft">
          <progress value={step.done} max={step.of} className="h-1.5 w-48 accent-[var(--accent)]" />
          step {step.done + 1} of {step.of}
        </label>
      )}
      <p role="status" className="mt-2">
        {vacuum.data && (
          <>
            Done: {bytes(vacuum.data.bytes_before)} before, {bytes(vacuum.data.bytes_after)} after.
          </>
        )}
        {vacuum.error && <span className="text-bad">{vacuum.error.message}</span>}
      </p>
    </section>
  );
}
