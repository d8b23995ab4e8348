/** A long text through a window of fixed height: only the lines in sight are there. */

import { type ReactNode, useEffect, useMemo } from "react";

import { grouped } from "@/design/format";
import { useRows } from "@/design/window";

const HIGH = 18;
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
  const { box, first, last, tall, top, onScroll } = useRows(source.count, HIGH, 0);
  useEffect(() => source.want?.(first, last), [source, first, last]);
  const digits = String(source.count).length;
  return (
    <div className="rounded-md border bg-sunken">
      {above}
      <div
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        tabIndex={0}
        className="max-h-96 overflow-auto font-mono text-sm"
        style={{ height: tall + 12 }}
        onScroll={onScroll}
      >
        <div className="relative min-w-max" style={{ height: tall }}>
          <div style={{ transform: `translateY(${top}px)` }}>
            {placesIn(first, last).map((index) => (
              <Line key={index} number={index + 1} digits={digits} text={source.line(index)} />
            ))}
          </div>
        </div>
      </div>
      <p className="border-t px-2 py-0.5 text-xs text-ink-faint">{grouped(source.count)} lines</p>
    </div>
  );
}

function placesIn(first: number, last: number): number[] {
  return Array.from({ length: last - first }, (_, at) => first + at);
}

function Line({ number, digits, text }: { number: number; digits: number; text: string | undefined }) {
  const isCut = text !== undefined && text.length > WIDEST;
  return (
    <div className="flex whitespace-pre" style={{ height: HIGH, lineHeight: `${HIGH}px` }}>
      <span
        className="sticky left-0 shrink-0 border-r bg-sunken px-2 text-right text-ink-faint select-none"
        style={{ width: `${digits + 3}ch` }}
      >
        {number}
      </span>
      <span className="px-2">
        {text === undefined ? <span className="text-ink-faint">…</span> : isCut ? text.slice(0, WIDEST) : text}
        {isCut && <span className="text-ink-faint">… ({grouped(text.length)} characters)</span>}
      </span>
    </div>
  );
}
