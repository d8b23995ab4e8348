/** The calls of both sessions, side by side: one list, so that what belongs together scrolls together. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { Equal, Flag, type LucideIcon, Minus, PencilLine, Plus } from "lucide-react";
import { useEffect, useRef } from "react";

import type { Told } from "@/api/types";

export const MARKS: Record<Told["kind"], { glyph: LucideIcon; label: string; tone: string; row: string }> = {
  same: { glyph: Equal, label: "The same", tone: "text-ink-faint", row: "text-ink-soft" },
  changed: { glyph: PencilLine, label: "Changed", tone: "text-warn", row: "bg-warn-soft" },
  removed: { glyph: Minus, label: "Only before", tone: "text-bad", row: "bg-bad-soft" },
  added: { glyph: Plus, label: "Only after", tone: "text-good", row: "bg-accent-soft" },
};

interface Props {
  items: readonly Told[];
  /** The places of those that are shown, in order. */
  shown: readonly number[];
  at: number;
  parted: number;
  choose: (place: number) => void;
}

const HEIGHT = 34;

export function Pairs({ items, shown, at, parted, choose }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    overscan: 12,
  });
  useEffect(() => {
    const row = shown.indexOf(at);
    if (row >= 0) rows.scrollToIndex(row, { align: "auto" });
  }, [at, shown, rows]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no pointer scrolls it by its focus
    <section ref={scroller} tabIndex={0} aria-label="Calls of both sessions" className="min-h-0 grow overflow-y-auto">
      <ol className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const place = shown[index] ?? 0;
          const item = items[place];
          if (!item) return null;
          return (
            <li
              key={place}
              className={`absolute inset-x-0 ${place === parted ? "z-10" : ""}`}
              style={{ height: HEIGHT, top: start }}
            >
              <Pair item={item} isAt={place === at} isParting={place === parted} choose={() => choose(place)} />
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Pair(props: { item: Told; isAt: boolean; isParting: boolean; choose: () => void }) {
  const { item, isAt, isParting, choose } = props;
  const { glyph: Glyph, label, tone, row } = MARKS[item.kind];
  return (
    <button
      type="button"
      aria-current={isAt}
      onClick={choose}
      className={`relative grid h-full w-full grid-cols-[minmax(0,1fr)_1.75rem_minmax(0,1fr)] items-center border-b px-3 text-left ${row} ${isAt ? "shadow-[inset_2px_0_var(--accent)]" : ""}`}
    >
      {isParting && (
        <span className="absolute inset-x-0 -top-px border-t-2 border-cursor">
          <span className="absolute -top-2 left-1/2 flex -translate-x-1/2 items-center gap-1 rounded-sm bg-panel px-1.5 text-xs whitespace-nowrap text-ink">
            <Flag aria-hidden className="size-3 text-cursor" /> They part here
          </span>
        </span>
      )}
      <Side seq={item.before} label={item.label || item.operation} />
      <Glyph
        role="img"
        aria-label={label}
        className={`size-3.5 justify-self-center ${isParting ? "mt-1.5" : ""} ${tone}`}
      />
      <Side seq={item.after} label={item.label || item.operation} />
    </button>
  );
}

function Side({ seq, label }: { seq: number | null; label: string }) {
  if (seq === null) return <span className="text-ink-faint">—</span>;
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <span className="w-10 shrink-0 text-right font-mono text-sm text-ink-faint">{seq}</span>
      <span className="truncate">{label}</span>
    </span>
  );
}
