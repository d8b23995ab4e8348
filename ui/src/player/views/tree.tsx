/** All spans as a tree. What is not in sight is not there. */

import { ChevronDown, ChevronRight } from "lucide-react";
import { memo, useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";

import { count, duration, grouped, money } from "@/design/format";
import { KindGlyph } from "@/design/kind";
import { useRows } from "@/design/window";
import type { Which } from "@/player/load";
import type { Marked, Marks } from "@/player/model/marks";
import { rowsOf, sieve, titleOf } from "@/player/model/outline";
import { ancestorsOf, endOf, type Recording, wordOf } from "@/player/model/recording";
import { usePlayer } from "@/player/state";
import { useSubjects } from "@/player/subjects";

const HIGH = 26;
const INDENT = 14;
/** More than any screen shows. */
const SLOTS = 256;
/** Nobody reads a list that changes more often, and each time costs as much as all else that a frame does. */
const CALM = 60;

export function Tree({ filter, which }: { filter: string; which: Which }) {
  const recording = usePlayer((state) => state.recording);
  const selected = useCalmSelection();
  const marks = usePlayer((state) => state.marks);
  const signs = useMemo(() => signsOf(marks), [marks]);
  const text = useDeferredValue(filter);
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const shown = useMemo(() => recording && sieve(recording, text), [recording, text]);
  const rows = useMemo(
    () => (recording ? rowsOf(recording, closed, shown) : new Int32Array()),
    [recording, closed, shown],
  );
  const { box, first, last, tall, top, onScroll, show } = useRows(rows.length, HIGH);

  const toggle = useCallback((index: number) => {
    setClosed((before) => {
      const after = new Set(before);
      if (!after.delete(index)) after.add(index);
      return after;
    });
  }, []);
  // What the cursor comes to is opened up to, and brought into sight.
  useEffect(() => {
    if (!recording) return;
    const above = ancestorsOf(recording, selected);
    setClosed((before) => {
      const hiding = above.filter((one) => before.has(one));
      return hiding.length ? new Set([...before].filter((one) => !hiding.includes(one))) : before;
    });
  }, [recording, selected]);
  useEffect(() => {
    const place = rows.indexOf(selected);
    if (place >= 0) show(place);
  }, [rows, selected, show]);

  const seen = useMemo(() => rows.subarray(first, last), [rows, first, last]);
  const subjectOf = useSubjects(which, recording, seen);

  if (!recording) return null;
  // A row that comes into sight is written into the slot of one that went out of it.
  const inSight = Array.from(seen, (index, at) => ({ index, at, slot: (first + at) % SLOTS }));
  return (
    <div className="flex h-full min-h-0 flex-col">
      {shown && (
        <p role="status" className="border-b px-3 py-1 text-sm text-ink-soft">
          {shown.found
            ? `${grouped(shown.found)} of ${grouped(recording.count)} spans`
            : "No span holds all of these words"}
        </p>
      )}
      <div ref={box} className="min-h-0 grow overflow-auto" onScroll={onScroll}>
        <div role="tree" aria-label="Spans" className="relative" style={{ height: tall }}>
          {inSight.map(({ index, at, slot }) => (
            <Row
              key={slot}
              top={top + at * HIGH}
              recording={recording}
              index={index}
              isSelected={index === selected}
              isClosed={closed.has(index)}
              sign={signs.get(index)}
              subject={subjectOf(index)}
              isFaint={shown?.marks[index] === 2}
              toggle={toggle}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

const SIGNS: Record<Marked, string> = {
  checkpoint: "checkpoint",
  snapshot: "snapshot",
  divergence: "the last replay parted here",
};

function signsOf(marks: Marks): Map<number, Marked> {
  const signs = new Map<number, Marked>();
  for (const { index } of marks.snapshot) signs.set(index, "snapshot");
  for (const { index } of marks.checkpoint) signs.set(index, "checkpoint");
  for (const { index } of marks.divergence) signs.set(index, "divergence");
  return signs;
}

/** The selected span; while the cursor is on its way, not with every frame. */
function useCalmSelection(): number {
  const [selected, setSelected] = useState(() => usePlayer.getState().selected);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let at = Number.NEGATIVE_INFINITY;
    const tell = () => {
      timer = undefined;
      at = performance.now();
      setSelected(usePlayer.getState().selected);
    };
    tell();
    const stop = usePlayer.subscribe((now, before) => {
      if (now.selected === before.selected || timer !== undefined) return;
      const wait = at + CALM - performance.now();
      if (wait <= 0) tell();
      else timer = setTimeout(tell, wait);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
  return selected;
}

interface RowProps {
  top: number;
  recording: Recording;
  index: number;
  isSelected: boolean;
  isClosed: boolean;
  isFaint: boolean;
  sign: Marked | undefined;
  /** What a tool acts on. */
  subject: string;
  toggle: (index: number) => void;
}

const Row = memo(function Row(props: RowProps) {
  const { top, recording, index, isSelected, isClosed, isFaint, sign, subject, toggle } = props;
  const depth = recording.depth[index] as number;
  const below = (recording.firstChild[index + 1] as number) - (recording.firstChild[index] as number);
  const kind = wordOf(recording.kind, index) ?? "";
  const failed = wordOf(recording.status, index) === "error";
  const isOpen = Number.isNaN(recording.end[index]);
  const tokens = recording.tokens[index] as number;
  const cost = recording.cost[index] as number;
  const model = wordOf(recording.model, index);
  const Chevron = isClosed ? ChevronRight : ChevronDown;
  return (
    <div
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={isSelected}
      aria-expanded={below ? !isClosed : undefined}
      tabIndex={isSelected ? 0 : -1}
      className={`absolute inset-x-0 top-0 flex cursor-pointer contain-strict items-center gap-1.5 pr-3 ${isSelected ? "bg-accent-soft" : "hover:bg-raised"} ${isFaint ? "opacity-55" : ""}`}
      style={{ height: HIGH, translate: `0 ${top}px`, paddingLeft: 8 + Math.min(depth, 40) * INDENT }}
      onClick={() => usePlayer.getState().select(index)}
      onKeyDown={(event) => event.key === "Enter" && below && toggle(index)}
    >
      {below ? (
        <button
          type="button"
          tabIndex={-1}
          aria-hidden
          className="grid size-4 shrink-0 place-items-center text-ink-faint"
          onClick={(event) => {
            event.stopPropagation();
            toggle(index);
          }}
        >
          <Chevron aria-hidden className="size-3" />
        </button>
      ) : (
        <span className="size-4 shrink-0" />
      )}
      <KindGlyph kind={kind} />
      <span className={`truncate ${subject ? "max-w-1/2 shrink-0" : ""} ${failed ? "text-bad" : ""}`}>
        {titleOf(recording, index)}
      </span>
      {subject && (
        <span title={subject} className="min-w-0 truncate font-mono text-sm text-ink-faint">
          {subject}
        </span>
      )}
      {failed && <span className="shrink-0 rounded-sm bg-bad-soft px-1 text-xs text-bad">failed</span>}
      {isOpen && <span className="shrink-0 text-xs text-running">open</span>}
      {sign && (
        <span className={`shrink-0 text-xs ${sign === "divergence" ? "text-bad" : "text-check"}`}>{SIGNS[sign]}</span>
      )}
      {isClosed && <span className="shrink-0 text-xs text-ink-faint">{below} below</span>}
      {model && model !== titleOf(recording, index) && !titleOf(recording, index).includes(model) && (
        <span className="hidden truncate text-sm text-ink-faint lg:inline">{model}</span>
      )}
      <span className="ml-auto flex shrink-0 gap-3 pl-3 text-sm text-ink-faint tabular-nums">
        {tokens > 0 && <span className="hidden md:inline">{count(tokens)} tok</span>}
        {!Number.isNaN(cost) && <span className="hidden w-16 text-right lg:inline">{money(cost)}</span>}
        <span className="w-16 text-right text-ink-soft">
          {isOpen ? "—" : duration(Math.round(endOf(recording, index) - (recording.start[index] as number)))}
        </span>
      </span>
    </div>
  );
});
