/** What was found, however much it is; more is read as one comes near the end. */

import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import type { Hit } from "@/api/types";
import { useShortcuts } from "@/app/shortcuts";
import { grouped } from "@/design/format";
import { FoundRow, placeOf } from "@/search/hit";

interface Props {
  hits: readonly Hit[];
  hasMore: boolean;
  isLoading: boolean;
  more: () => void;
}

const AHEAD = 10;
const HEIGHT = 77;

const idOf = (index: number) => `found-${index}`;

export function Found({ hits, hasMore, isLoading, more }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(0);
  const navigate = useNavigate();
  const rows = useVirtualizer({
    count: hits.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    overscan: 4,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoading && last >= hits.length - AHEAD) more();
  }, [last, hits.length, hasMore, isLoading, more]);

  const go = (to: number) => {
    const index = Math.max(0, Math.min(hits.length - 1, to));
    setCursor(index);
    rows.scrollToIndex(index);
  };
  const open = () => {
    const hit = hits[cursor];
    if (hit) void navigate(placeOf(hit.span));
  };
  const openApart = () => {
    const span = hits[cursor]?.span;
    if (!span) return;
    const search = new URLSearchParams({ project: span.project, span: `${span.trace_id}/${span.span_id}` });
    window.open(`/sessions/${encodeURIComponent(span.session)}?${search}`, "_blank", "noopener");
  };
  const key = (keys: string, does: string, run: () => void) => ({ keys, does, group: "Found", run });
  useShortcuts([
    key("j", "Next place", () => go(cursor + 1)),
    key("k", "Previous place", () => go(cursor - 1)),
    key("arrowdown", "Next place", () => go(cursor + 1)),
    key("arrowup", "Previous place", () => go(cursor - 1)),
    key("enter", "Open the place in its session", open),
    key("o", "Open the place in a new tab", openApart),
  ]);

  return (
    <div
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
      tabIndex={0}
      className="min-h-0 min-w-0 overflow-y-auto outline-offset-[-2px]"
    >
      <div
        role="feed"
        aria-label="Found"
        aria-busy={isLoading}
        className="relative"
        style={{ height: rows.getTotalSize() }}
      >
        {shown.map(({ index, start }) => {
          const hit = hits[index];
          if (!hit) return null;
          return (
            <article
              key={`${hit.span.project} ${hit.span.trace_id} ${hit.span.span_id}`}
              ref={rows.measureElement}
              data-index={index}
              aria-posinset={index + 1}
              aria-setsize={hasMore ? -1 : hits.length}
              aria-labelledby={idOf(index)}
              className="absolute top-0 left-0 w-full"
              style={{ transform: `translateY(${start}px)` }}
            >
              <FoundRow hit={hit} id={idOf(index)} isHere={index === cursor} />
            </article>
          );
        })}
      </div>
      <p role="status" className="px-4 py-3 text-sm text-ink-faint">
        {isLoading ? "Looking further" : hasMore ? "" : `That is all: ${grouped(hits.length)} found`}
      </p>
    </div>
  );
}
