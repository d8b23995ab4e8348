/** A window over very many rows of one height: only those in sight are there. */

import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";

/** Browsers draw nothing beyond some thirty million pixels; beyond this the bar stands for more than it shows. */
const TALLEST = 8_000_000;
/** So much of the window a list is taken to have. */
const GUESSED = 0.5;

export interface Stretch {
  first: number;
  last: number;
  /** How tall all rows are together, as far as the scroll bar goes. */
  tall: number;
  /** Where the first of them stands. */
  top: number;
}

/** Which rows are in sight when it is scrolled down so far, with some beyond at both ends. */
export function stretchOf(count: number, high: number, scrolled: number, room: number, beyond: number): Stretch {
  const all = count * high;
  const tall = Math.min(TALLEST, all);
  const fit = Math.ceil(room / high) + 1;
  const isWhole = tall === all;
  const share = tall > room ? Math.min(1, scrolled / (tall - room)) : 0;
  const at = isWhole ? Math.floor(scrolled / high) : Math.round(share * Math.max(0, count - fit + 1));
  const first = Math.max(0, Math.min(at, count - 1) - (isWhole ? beyond : 0));
  const last = Math.min(count, at + fit + (isWhole ? beyond : 0));
  return {
    first: Math.min(first, last),
    last,
    tall,
    top: isWhole ? first * high : Math.min(scrolled, Math.max(0, tall - fit * high)),
  };
}

/** How far to scroll so that a row is in sight; where it is already, as far as it is. */
export function reveal(row: number, count: number, high: number, scrolled: number, room: number): number {
  const all = count * high;
  if (all > TALLEST) return (row / count) * (TALLEST - room);
  const y = row * high;
  if (y < scrolled) return Math.max(0, y - high * 2);
  if (y + high > scrolled + room) return y + high * 3 - room;
  return scrolled;
}

export interface Rows extends Stretch {
  box: RefObject<HTMLDivElement | null>;
  onScroll: () => void;
  /** Bring a row into sight. */
  show: (row: number) => void;
}

export function useRows(count: number, high: number, beyond = 8): Rows {
  const box = useRef<HTMLDivElement>(null);
  // The room is known from the observer: to ask for it while scrolling would have the page laid out each time.
  // Until it is known, what is guessed: with the rows that it turns out to have room for, nothing is rendered twice.
  const room = useRef(innerHeight * GUESSED);
  const scrolled = useRef(0);
  const [, setStretch] = useState(() => stretchOf(count, high, 0, room.current, beyond));
  const look = useCallback(() => {
    const next = stretchOf(count, high, scrolled.current, room.current, beyond);
    setStretch((now) =>
      now.first === next.first && now.last === next.last && now.tall === next.tall && now.top === next.top ? now : next,
    );
  }, [count, high, beyond]);
  useLayoutEffect(() => {
    const target = box.current;
    if (!target) return;
    const measure = () => {
      room.current = target.clientHeight;
      look();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, [look]);
  const onScroll = useCallback(() => {
    const now = box.current?.scrollTop ?? 0;
    if (now === scrolled.current) return;
    scrolled.current = now;
    look();
  }, [look]);
  const show = useCallback(
    (row: number) => {
      const to = reveal(row, count, high, scrolled.current, room.current);
      if (to === scrolled.current || !box.current) return;
      scrolled.current = to;
      look();
      box.current.scrollTop = to;
    },
    [count, high, look],
  );
  // Not the one that was kept: with more rows the box is taller at once, and can be scrolled to the last of them.
  return { ...stretchOf(count, high, scrolled.current, room.current, beyond), box, onScroll, show };
}
