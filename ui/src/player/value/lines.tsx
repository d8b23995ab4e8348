/** A long text through a window of fixed height: only the lines in sight are there. */

import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import { useSize } from "@/player/timeline/canvas";

const HIGH = 18;
/** Browsers draw nothing beyond some thirty million pixels; beyond this the bar stands for more than it shows. */
const TALLEST = 8_000_000;
const WIDEST = 2_000;

export interface LineSource {
  count: number;
  /** The text of a line; undefined while it is not there yet. */
  line: (index: number) => string | undefined;
  /** These lines will be shown. */
  want?: (from: number, to: number) => void;
}

/** Where lines begin, with one place more for the end. */
export function startsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  if (starts.at(-1) !== text.length || text === "") starts.push(text.length);
  return starts;
}

export function Lines({ text }: { text: string }) {
  const source = useMemo<LineSource>(() => {
    const starts = startsOf(text);
    return {
      count: starts.length - 1,
      line: (index) => text.slice(starts[index], starts[index + 1]).replace(/\r?\n$/, ""),
    };
  }, [text]);
  return <Window source={source} />;
}

export function Window({ source, above }: { source: LineSource; above?: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const { height } = useSize(box);
  const [top, setTop] = useState(0);
  const all = source.count * HIGH;
  const tall = Math.min(TALLEST, all);
  const visible = Math.ceil(height / HIGH) + 1;
  const share = tall > height ? top / (tall - height) : 0;
  const first = Math.max(
    0,
    Math.min(
      source.count - visible + 1,
      tall === all ? Math.floor(top / HIGH) : Math.round(share * (source.count - visible + 1)),
    ),
  );
  const last = Math.min(source.count, first + visible);
  useEffect(() => source.want?.(first, last), [source, first, last]);
  const places = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
  const digits = String(source.count).length;
  return (
    <div className="rounded-md border bg-sunken">
      {above}
      <div
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        tabIndex={0}
        className="h-96 overflow-auto font-mono text-sm"
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <div style={{ height: tall, position: "relative", minWidth: "max-content" }}>
          <div
            style={{
              transform: `translateY(${tall === all ? first * HIGH : Math.min(top, tall - visible * HIGH + HIGH)}px)`,
            }}
          >
            {places.map((index) => {
              const line = source.line(index);
              return (
                <div key={index} className="flex whitespace-pre" style={{ height: HIGH, lineHeight: `${HIGH}px` }}>
                  <span
                    className="sticky left-0 shrink-0 border-r bg-sunken px-2 text-right text-ink-faint select-none"
                    style={{ width: `${digits + 2}ch` }}
                  >
                    {index + 1}
                  </span>
                  <span className="px-2">
                    {line === undefined ? (
                      <span className="text-ink-faint">…</span>
                    ) : line.length > WIDEST ? (
                      `${line.slice(0, WIDEST)}… (${line.length.toLocaleString("en-US")} characters)`
                    ) : (
                      line
                    )}
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      </div>
      <p className="border-t px-2 py-0.5 text-xs text-ink-faint">{source.count.toLocaleString("en-US")} lines</p>
    </div>
  );
}
