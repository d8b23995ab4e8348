/** Where the player stands: the one cursor that all views share, the window of the timeline, and whether it plays. */

import { create } from "zustand";

import type { Lanes } from "@/player/model/lanes";
import { type Marked, type Marks, NO_MARKS, nearestMark } from "@/player/model/marks";
import {
  type Asked,
  advance,
  boundary,
  busiestOf,
  type Gaps,
  nearest,
  type Place,
  placeOf,
  type Stop,
} from "@/player/model/moves";
import { endOf, latestAt, type Recording } from "@/player/model/recording";
import type { Layout } from "@/player/reading/layout";

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64] as const;

/** The stretch of time that the timeline shows, in nanoseconds after the base. */
export interface Stretch {
  from: number;
  to: number;
}

interface Standing extends Place {
  session: string;
  recording: Recording | null;
  lanes: Lanes | null;
  gaps: Gaps;
  marks: Marks;
  /** Whether all that is recorded is here; more is being read where it is not. */
  isWhole: boolean;
  /** The place that the address names and that is still to be read. */
  awaited: Asked | null;
  shown: Stretch;
  isPlaying: boolean;
  speed: number;
  skipsIdle: boolean;
}

interface Moving {
  /** Show a recording, at the place that is asked for. The same session keeps its place when more of it has come. */
  load: (session: string, layout: Layout, asked: Asked, isWhole?: boolean) => void;
  /** Go to a place that an address names, as soon as it is there. */
  seek: (asked: Asked) => void;
  select: (index: number) => void;
  scrub: (time: number) => void;
  /** To the next or the last span of a sort, or that is marked. */
  go: (stop: Stop | Marked, way: 1 | -1) => void;
  /** To the next or the last moment at which something begins or ends. */
  tick: (way: 1 | -1) => void;
  play: (isPlaying: boolean) => void;
  /** So many nanoseconds went by on the wall. */
  pass: (by: number) => void;
  setSpeed: (speed: number) => void;
  setSkipsIdle: (skips: boolean) => void;
  show: (stretch: Stretch) => void;
  zoom: (factor: number, around?: number) => void;
  fit: () => void;
}

const NARROWEST = 1_000;
const NO_GAPS: Gaps = new Float64Array();
const MARGIN = 0.02;

export const usePlayer = create<Standing & Moving>((set, get) => ({
  session: "",
  recording: null,
  lanes: null,
  gaps: NO_GAPS,
  marks: NO_MARKS,
  isWhole: true,
  awaited: null,
  cursor: 0,
  selected: 0,
  shown: { from: 0, to: 1 },
  isPlaying: false,
  speed: 1,
  skipsIdle: true,

  load: (session, layout, asked, isWhole = true) => {
    const before = get();
    const { recording } = layout;
    const goesOn = before.session === session && before.recording !== null;
    const showedAll = goesOn && before.shown.to >= (before.recording?.last ?? 0);
    set({
      session,
      ...layout,
      isWhole,
      ...(goesOn ? {} : { cursor: 0, selected: 0, isPlaying: false, awaited: asked, marks: NO_MARKS }),
      ...(goesOn ? (showedAll ? { shown: whole(recording) } : {}) : { shown: opening(layout) }),
    });
    const { awaited, seek } = get();
    if (awaited) seek(awaited);
  },

  seek: (asked) => {
    const { recording, isWhole, shown } = get();
    if (!recording) return;
    const place = placeOf(recording, asked, isWhole);
    if (!place) set({ awaited: asked });
    else if (recording.count) {
      // Who names no place is shown the session as it opens.
      const isNamed = asked.at !== undefined || asked.span !== undefined;
      set({ ...place, shown: isNamed ? including(recording, shown, place.selected) : shown, awaited: null });
    }
  },

  select: (index) => {
    const { recording, shown } = get();
    if (!recording || index < 0 || index >= recording.count) return;
    const cursor = recording.start[index] as number;
    set({ selected: index, cursor, shown: including(recording, shown, index), isPlaying: false, awaited: null });
  },

  scrub: (time) => {
    const { recording } = get();
    if (!recording) return;
    const cursor = Math.max(0, Math.min(recording.last, time));
    set({ cursor, selected: Math.max(0, latestAt(recording, cursor)), awaited: null });
  },

  go: (stop, way) => {
    const { recording, selected, marks, select } = get();
    if (stop === "checkpoint" || stop === "snapshot" || stop === "divergence")
      select(nearestMark(marks[stop], selected, way));
    else if (recording) select(nearest(recording, selected, stop, way));
  },

  tick: (way) => {
    const { recording, cursor, scrub } = get();
    if (recording) scrub(boundary(recording, cursor, way));
  },

  play: (isPlaying) => {
    const { recording, cursor } = get();
    if (!recording) return;
    set(isPlaying && cursor >= recording.last ? { isPlaying, cursor: 0, selected: 0 } : { isPlaying });
  },

  pass: (by) => {
    const { recording, cursor, speed, skipsIdle, gaps, shown, scrub } = get();
    if (!recording) return;
    const next = advance(cursor, by * speed, skipsIdle ? gaps : NO_GAPS, recording.last);
    scrub(next);
    if (next > shown.to || next < shown.from) {
      const length = shown.to - shown.from;
      const from = Math.max(0, next - length * 0.1);
      set({ shown: { from, to: from + length } });
    }
    if (next >= recording.last) set({ isPlaying: false });
  },

  setSpeed: (speed) => set({ speed }),
  setSkipsIdle: (skipsIdle) => set({ skipsIdle }),

  show: (stretch) => {
    const { recording } = get();
    if (recording) set({ shown: within(recording, stretch) });
  },

  zoom: (factor, around) => {
    const { recording, shown, cursor } = get();
    if (!recording) return;
    const inside = cursor >= shown.from && cursor <= shown.to ? cursor : (shown.from + shown.to) / 2;
    const fixed = around ?? inside;
    const from = fixed - (fixed - shown.from) * factor;
    set({ shown: within(recording, { from, to: from + (shown.to - shown.from) * factor }) });
  },

  fit: () => {
    const { recording } = get();
    if (recording) set({ shown: whole(recording) });
  },
}));

/** All of it, with a margin at both ends. */
export function whole(recording: Recording): Stretch {
  const length = Math.max(recording.last, NARROWEST);
  return { from: -length * MARGIN, to: length * (1 + MARGIN) };
}

/** What is shown first: all of it, or where it was at work, if it rested for days between. */
function opening({ recording, gaps }: Layout): Stretch {
  const busiest = busiestOf(recording, gaps);
  if (!busiest) return whole(recording);
  const [from, to] = busiest;
  const margin = Math.max(NARROWEST, to - from) * MARGIN * 2;
  return within(recording, { from: from - margin, to: to + margin });
}

/** The stretch as near as the recording allows: neither beyond its ends nor finer than a microsecond. */
export function within(recording: Recording, { from, to }: Stretch): Stretch {
  const all = whole(recording);
  const length = Math.min(all.to - all.from, Math.max(NARROWEST, to - from));
  const begin = Math.min(Math.max(from, all.from), all.to - length);
  return { from: begin, to: begin + length };
}

/** The stretch moved so that the span is in it, if it is not. */
function including(recording: Recording, shown: Stretch, index: number): Stretch {
  const [start, end] = [recording.start[index] as number, endOf(recording, index)];
  if (start <= shown.to && end >= shown.from && (start >= shown.from || end - start > shown.to - shown.from))
    return shown;
  const length = shown.to - shown.from;
  return within(recording, { from: start - length * 0.2, to: start + length * 0.8 });
}
