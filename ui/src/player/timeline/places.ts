/** Where things are drawn in the timeline, in pixels; and which moments its ruler names. */

import type { Lanes } from "@/player/model/lanes";

export const ROW = 19;
export const BAR = 16;
export const RULER = 24;
const HEADER = 19;
const GAP = 6;

export interface Places {
  /** The top of each row, below the ruler. */
  tops: Float64Array;
  /** The top of each track's header. */
  headers: number[];
  height: number;
}

export function placesOf(lanes: Lanes): Places {
  const tops = new Float64Array(lanes.rows);
  const headers: number[] = [];
  let y = GAP / 2;
  for (const track of lanes.tracks) {
    headers.push(y);
    y += HEADER;
    for (let row = track.first; row < track.first + track.rows; row += 1) {
      tops[row] = y;
      y += ROW;
    }
    y += GAP;
  }
  return { tops, headers, height: y };
}

/** The row at a height below the ruler, or -1 between rows. */
export function rowAt(places: Places, y: number): number {
  let [low, high] = [0, places.tops.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places.tops[middle] as number) <= y) low = middle + 1;
    else high = middle;
  }
  const row = low - 1;
  return row >= 0 && y < (places.tops[row] as number) + ROW ? row : -1;
}

const STEPS = [1, 2, 5];
const UNITS: readonly (readonly [string, number])[] = [
  ["s", 1e9],
  ["ms", 1e6],
  ["µs", 1e3],
];

/** The moments a ruler names from one to another: round ones, at least so many pixels apart. */
export function ticksOf(from: number, to: number, width: number, apart: number): { step: number; times: number[] } {
  const least = ((to - from) / Math.max(1, width)) * apart;
  const step = least >= 1e9 ? roundSeconds(least / 1e9) * 1e9 : roundTens(least);
  const times: number[] = [];
  for (let time = Math.max(0, Math.ceil(from / step)) * step; time <= to; time += step) times.push(time);
  return { step, times };
}

function roundTens(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return (STEPS.find((one) => one * power >= least) ?? 10) * power;
}

function roundSeconds(least: number): number {
  const known = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
  return known.find((one) => one >= least) ?? Math.ceil(least / 86_400) * 86_400;
}

/** A moment as the ruler writes it, as fine as its step. */
export function tickLabel(time: number, step: number): string {
  if (time === 0) return "0";
  if (step >= 60e9) {
    const minutes = Math.round(time / 60e9);
    return minutes < 60 ? `${minutes} m` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
  }
  if (step >= 1e9) {
    const seconds = Math.round(time / 1e9);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
  const [unit, size] = UNITS.find(([, least]) => time >= least) ?? ["ns", 1];
  const places = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9));
  return `${(time / size).toFixed(Math.min(9, places))} ${unit}`;
}
