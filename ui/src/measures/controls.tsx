/** What is measured: the time, what narrows it, and by what it is split. */

import { X } from "lucide-react";

import { moment } from "@/design/format";
import { DIMENSIONS, type Dimension, type Only } from "@/measures/behind";
import type { Change } from "@/measures/measures";
import { nanoseconds, RANGES, USUAL } from "@/measures/period";

interface Props {
  search: Record<string, unknown>;
  only: Only;
  by: Dimension | null;
  change: (changed: Change) => void;
}

export function Controls({ search, only, by, change }: Props) {
  const isOwn = search.since !== undefined && search.until !== undefined;
  const range = isOwn ? null : (search.range ?? USUAL);
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b px-4 py-2">
      <h1 className="text-lg font-medium">Measures</h1>
      <fieldset className="flex overflow-hidden rounded-md border">
        <legend className="sr-only">Time</legend>
        {RANGES.map(({ name, label }) => (
          <button
            key={name}
            type="button"
            aria-pressed={range === name}
            onClick={() => change({ range: name, since: undefined, until: undefined })}
            className="h-7 border-l px-2.5 text-ink-soft first:border-l-0 hover:bg-raised aria-pressed:bg-accent-soft aria-pressed:text-ink"
          >
            {label}
          </button>
        ))}
      </fieldset>
      {isOwn && (
        <Chip
          label={`${clock(search.since)} – ${clock(search.until)}`}
          drop={() => change({ since: undefined, until: undefined })}
        />
      )}
      {Object.entries(only).map(([name, value]) => (
        <Chip key={name} label={`${name}: ${value}`} drop={() => change({ [name]: undefined })} />
      ))}
      <label className="ml-auto flex items-center gap-2 text-ink-soft">
        Split by
        <select
          value={by ?? ""}
          onChange={(event) => change({ by: event.target.value || undefined })}
          className="h-7 rounded-md border bg-panel px-2 text-ink"
        >
          <option value="">nothing</option>
          {DIMENSIONS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </header>
  );
}

function Chip({ label, drop }: { label: string; drop: () => void }) {
  return (
    <span className="inline-flex h-7 items-center gap-1 rounded-md bg-accent-soft pl-2">
      <span className="max-w-64 truncate">{label}</span>
      <button type="button" aria-label={`Take away ${label}`} onClick={drop} className="grid size-6 place-items-center">
        <X aria-hidden className="size-3.5" />
      </button>
    </span>
  );
}

function clock(milliseconds: unknown): string {
  return moment(nanoseconds(Number(milliseconds))).toLocaleString(undefined, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
}
