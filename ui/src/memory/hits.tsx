/** What is shown of a collection, the best or the newest first; more is read as one comes near the end. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

import type { ToldMemoryHit } from "@/api/types";
import { useShortcuts } from "@/app/shortcuts";
import { ago, grouped, moment } from "@/design/format";
import type { Shown } from "@/memory/asking";
import { type Collection, holds, isSame, lastPart, ownerIn, spotIn } from "@/memory/place";

interface Props {
  items: readonly Shown[];
  whose: Collection;
  /** The record that is open. */
  open: string | null;
  pick: (shown: Shown) => void;
  hasMore: boolean;
  isLoading: boolean;
  more: () => void;
}

const AHEAD = 10;
const HEIGHT = 76;

export function Hits({ items, whose, open, pick, hasMore, isLoading, more }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    overscan: 4,
    getItemKey: (index) => keyOf(items[index]),
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoading && last >= items.length - AHEAD) more();
  }, [last, items.length, hasMore, isLoading, more]);
  const here = items.findIndex(({ record }) => record.id === open && isSame(in_(record, whose), whose));
  const go = (to: number) => {
    const index = Math.max(0, Math.min(items.length - 1, to));
    const one = items[index];
    if (!one) return;
    rows.scrollToIndex(index);
    pick(one);
  };
  const key = (keys: string, does: string, by: number) => ({
    keys,
    does,
    group: "Memory",
    run: () => go(here < 0 ? 0 : here + by),
  });
  useShortcuts([
    key("j", "Next record", 1),
    key("k", "Last record", -1),
    key("arrowdown", "Next record", 1),
    key("arrowup", "Last record", -1),
  ]);
  return (
    <div
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
      tabIndex={0}
      className="min-h-0 min-w-0 overflow-y-auto outline-offset-[-2px]"
    >
      <ul aria-label="Records" aria-busy={isLoading} className="relative" style={{ height: rows.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const one = items[index];
          if (!one) return null;
          return (
            <li
              key={keyOf(one)}
              ref={rows.measureElement}
              data-index={index}
              className="absolute top-0 left-0 w-full"
              style={{ transform: `translateY(${start}px)` }}
            >
              <Row shown={one} whose={whose} isHere={index === here} pick={pick} />
            </li>
          );
        })}
      </ul>
      <p role="status" className="px-4 py-3 text-sm text-ink-faint">
        {isLoading
          ? "Reading further"
          : hasMore
            ? ""
            : items.length === 1
              ? "One record"
              : `${grouped(items.length)} records`}
      </p>
    </div>
  );
}

const keyOf = (one: Shown | undefined) => (one ? `${one.record.owner} ${one.record.collection} ${one.record.id}` : "");

/** The collection of a record, which is of the same project as those beside it. */
const in_ = ({ collection, owner }: Shown["record"], { project }: Collection): Collection => ({
  project,
  collection,
  owner,
});

interface RowProps {
  shown: Shown;
  whose: Collection;
  isHere: boolean;
  pick: (shown: Shown) => void;
}

function Row({ shown, whose, isHere, pick }: RowProps) {
  const { record, hit } = shown;
  const isElsewhere = !isSame(in_(record, whose), whose);
  const { place } = record.source;
  const spot = spotIn({ ...record.source, place: lastPart(place) });
  return (
    <button
      type="button"
      aria-current={isHere ? "true" : undefined}
      onClick={() => pick(shown)}
      className={`block w-full border-b px-4 py-2 text-left ${isHere ? "bg-raised shadow-[inset_2px_0_0_var(--accent)]" : "hover:bg-raised"}`}
    >
      <span className="line-clamp-2 break-words">
        <Text shown={shown} />
      </span>
      <span className="mt-0.5 flex items-center gap-x-3 text-sm whitespace-nowrap text-ink-faint">
        {hit && <Score hit={hit} />}
        {isElsewhere && (
          <span className="min-w-8 truncate">
            {record.collection}
            {record.owner && ` of ${ownerIn(record.owner).name}`}
          </span>
        )}
        {!holds(record, BigInt(Date.now()) * 1_000_000n) && (
          <span className="shrink-0 rounded-sm bg-warn-soft px-1 text-warn">does not hold now</span>
        )}
        {record.author && <span className="max-w-40 min-w-8 truncate">{record.author}</span>}
        {spot ? (
          <span className="min-w-0 truncate" title={place}>
            {spot}
          </span>
        ) : (
          record.source.session && <span>from a session</span>
        )}
        <span className="ml-auto shrink-0 pl-2" title={moment(record.changed).toLocaleString()}>
          {ago(record.changed)}
        </span>
      </span>
    </button>
  );
}

function Text({ shown: { record, hit } }: { shown: Shown }) {
  if (!hit?.snippet.length) return record.text;
  return hit.snippet.map(({ text, matches }, place) =>
    matches ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: passages never change their order
      <mark key={place} className="rounded-xs bg-warn-soft px-px font-medium text-ink">
        {text}
      </mark>
    ) : (
      text
    ),
  );
}

/** How well it answers, with the two scores by themselves. */
function Score({ hit: { score, words, meaning } }: { hit: ToldMemoryHit }) {
  const parts = [
    words === null ? "" : `words ${words.toFixed(2)}`,
    meaning === null ? "" : `meaning ${meaning.toFixed(2)}`,
  ].filter(Boolean);
  return (
    <span title={parts.join(", ")} className="inline-flex items-center gap-1.5 text-ink-soft tabular-nums">
      <span aria-hidden className="h-1.5 w-10 overflow-hidden rounded-sm bg-sunken">
        <span className="block h-full bg-knowledge" style={{ width: `${Math.min(1, Math.max(0, score)) * 100}%` }} />
      </span>
      <span>
        <span className="sr-only">Score </span>
        {score.toFixed(2)}
      </span>
      {parts.length === 2 && <span className="hidden text-ink-faint xl:inline">{parts.join(", ")}</span>}
    </span>
  );
}
