/** Draws the timeline: only what is visible, and what is narrower than a pixel as one. */

import { colourOf, lookOf, TONES, type Tone } from "@/design/kinds";
import { firstEndingAfter, type Lanes } from "@/player/model/lanes";
import type { Marks } from "@/player/model/marks";
import { titleOf } from "@/player/model/outline";
import { endOf, type Recording } from "@/player/model/recording";
import type { Stretch } from "@/player/state";
import { BAR, type Places, RULER, tickLabel, ticksOf } from "@/player/timeline/places";

export interface Colours {
  tones: string[];
  ink: string;
  soft: string;
  faint: string;
  line: string;
  panel: string;
  sunken: string;
  accent: string;
  bad: string;
  check: string;
}

export interface Scene {
  recording: Recording;
  lanes: Lanes;
  places: Places;
  tones: Uint8Array;
  marks: Marks;
  shown: Stretch;
  /** How far it is scrolled down. */
  top: number;
  width: number;
  height: number;
  colours: Colours;
}

const FONT = '11px "Inter", ui-sans-serif, system-ui, sans-serif';
const LETTER = 5.9;
const NARROW = 3;
const LABELLED = 26;

export function coloursNow(): Colours {
  const style = getComputedStyle(document.documentElement);
  const role = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    tones: TONES.map(colourOf),
    ink: role("ink"),
    soft: role("ink-soft"),
    faint: role("ink-faint"),
    line: role("line"),
    panel: role("panel"),
    sunken: role("sunken"),
    accent: role("accent"),
    bad: role("bad"),
    check: colourOf("check"),
  };
}

/** The tone of each span, by its place in TONES. */
export function tonesOf(recording: Recording): Uint8Array {
  const numbers = new Map<Tone, number>(TONES.map((tone, number) => [tone, number]));
  const ofKind = recording.kind.words.map((kind) => numbers.get(lookOf(kind ?? "").tone) as number);
  const tones = new Uint8Array(recording.count);
  for (let i = 0; i < tones.length; i += 1) tones[i] = ofKind[recording.kind.at[i] as number] as number;
  return tones;
}

export function draw(context: CanvasRenderingContext2D, scene: Scene): void {
  const { width, height, colours, places, lanes, top } = scene;
  context.fillStyle = colours.panel;
  context.fillRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = "middle";
  drawGrid(context, scene);
  context.save();
  context.beginPath();
  context.rect(0, RULER, width, height - RULER);
  context.clip();
  context.translate(0, RULER - top);
  lanes.tracks.forEach((track, number) => {
    const y = places.headers[number] as number;
    const last = places.tops[track.first + track.rows - 1] as number;
    if (last + BAR < top || y > top + height) return;
    context.fillStyle = colours.soft;
    context.font = `600 ${FONT}`;
    context.fillText(track.agent || "No agent", 8, y + 10);
    context.font = FONT;
    context.fillStyle = colours.line;
    context.fillRect(0, Math.round(y) - 3, width, 1);
    for (let row = track.first; row < track.first + track.rows; row += 1) {
      const at = places.tops[row] as number;
      if (at + BAR >= top && at <= top + height) drawRow(context, scene, row, at);
    }
  });
  context.restore();
  drawMarks(context, scene);
}

/** Checkpoints stand in the ruler as flags and snapshots as squares; where a replay parted a broken line goes through all lanes. */
function drawMarks(
  context: CanvasRenderingContext2D,
  { recording, marks, shown, width, height, colours }: Scene,
): void {
  const scale = width / (shown.to - shown.from);
  const placeOf = (index: number) => Math.round(((recording.start[index] ?? Number.NaN) - shown.from) * scale);
  context.fillStyle = colours.check;
  let drawn = Number.NEGATIVE_INFINITY;
  for (const { index } of marks.checkpoint) {
    const x = placeOf(index);
    if (!(x >= 0 && x <= width) || x < drawn + 2) continue;
    context.fillRect(x, RULER - 12, 1, 11);
    context.beginPath();
    context.moveTo(x + 1, RULER - 12);
    context.lineTo(x + 8, RULER - 9);
    context.lineTo(x + 1, RULER - 6);
    context.fill();
    drawn = x;
  }
  for (const { time } of marks.snapshot) {
    const x = Math.round((time - shown.from) * scale);
    if (!(x >= 0 && x <= width)) continue;
    context.fillRect(x, RULER - 6, 1, 5);
    context.fillRect(x - 3, RULER - 12, 7, 6);
    context.fillStyle = colours.sunken;
    context.fillRect(x - 1, RULER - 10, 3, 2);
    context.fillStyle = colours.check;
  }
  context.fillStyle = colours.bad;
  for (const { index } of marks.divergence) {
    const x = placeOf(index);
    if (!(x >= 0 && x <= width)) continue;
    for (let y = RULER; y < height; y += 7) context.fillRect(x, y, 1, 4);
    context.fillRect(x - 3, RULER - 8, 7, 2);
    context.fillRect(x - 3, RULER - 4, 7, 2);
  }
}

function drawGrid(context: CanvasRenderingContext2D, { shown, width, height, colours }: Scene): void {
  const { step, times } = ticksOf(shown.from, shown.to, width, 90);
  const scale = width / (shown.to - shown.from);
  context.fillStyle = colours.sunken;
  context.fillRect(0, 0, width, RULER);
  for (const time of times) {
    const x = Math.round((time - shown.from) * scale);
    context.fillStyle = colours.line;
    context.fillRect(x, 0, 1, height);
    context.fillStyle = colours.faint;
    context.fillText(tickLabel(time, step), x + 5, RULER / 2);
  }
  context.fillStyle = colours.line;
  context.fillRect(0, RULER - 1, width, 1);
}

/** The bars of a row. Behind a narrow one the next is looked for that begins a pixel later: a row costs its pixels. */
function drawRow(context: CanvasRenderingContext2D, scene: Scene, row: number, y: number): void {
  const { recording, lanes, tones, shown, width, colours } = scene;
  const [low, high] = [lanes.firstOf[row] as number, lanes.firstOf[row + 1] as number];
  const scale = width / (shown.to - shown.from);
  let at = firstEndingAfter(recording, lanes.spans, low, high, shown.from);
  while (at < high) {
    const index = lanes.spans[at] as number;
    const start = recording.start[index] as number;
    if (start > shown.to) break;
    const left = (start - shown.from) * scale;
    const wide = (endOf(recording, index) - start) * scale;
    const colour = colours.tones[tones[index] as number] as string;
    if (wide >= NARROW) {
      drawBar(context, scene, index, left, wide, y, colour);
      at += 1;
      continue;
    }
    const x = Math.floor(left);
    const behind = Math.max(1, Math.ceil(left + wide) - x);
    context.fillStyle = colour;
    context.fillRect(x, y, behind, BAR);
    const next = shown.from + (x + behind) / scale;
    at = Math.max(at + 1, firstStartingAt(recording, lanes.spans, at + 1, high, next));
  }
  drawFailed(context, scene, row, y, scale);
}

function drawBar(
  context: CanvasRenderingContext2D,
  { recording, colours, width }: Scene,
  index: number,
  left: number,
  wide: number,
  y: number,
  colour: string,
): void {
  const x = Math.max(-4, left);
  const w = Math.min(width + 4, left + wide) - x;
  context.fillStyle = colour;
  context.globalAlpha = 0.2;
  context.fillRect(x, y, Math.max(1, w - 1), BAR);
  context.globalAlpha = 1;
  context.fillRect(x, y, Math.min(3, w), BAR);
  if (Number.isNaN(recording.end[index])) {
    for (let dot = x + 4; dot < x + w - 1; dot += 6) context.fillRect(dot, y + BAR - 2, 3, 2);
  }
  const room = w - 10;
  if (room < LABELLED) return;
  const title = titleOf(recording, index);
  const fits = Math.floor(room / LETTER);
  context.fillStyle = colours.ink;
  context.fillText(
    title.length > fits ? `${title.slice(0, Math.max(1, fits - 1))}…` : title,
    Math.max(0, x) + 7,
    y + BAR / 2 + 0.5,
  );
}

/** Failed spans carry a mark above their bars, however narrow they are. */
function drawFailed(context: CanvasRenderingContext2D, scene: Scene, row: number, y: number, scale: number): void {
  const { recording, lanes, shown, colours } = scene;
  const [low, high] = [lanes.firstFailed[row] as number, lanes.firstFailed[row + 1] as number];
  context.fillStyle = colours.bad;
  let drawn = Number.NEGATIVE_INFINITY;
  for (let at = firstEndingAfter(recording, lanes.failed, low, high, shown.from); at < high; at += 1) {
    const index = lanes.failed[at] as number;
    const start = recording.start[index] as number;
    if (start > shown.to) break;
    const x = (start - shown.from) * scale;
    const end = (endOf(recording, index) - shown.from) * scale;
    if (end < drawn + 2) continue;
    context.fillRect(x, y + BAR - 2, Math.max(2, end - x - 1), 2);
    context.beginPath();
    context.moveTo(x, y - 1);
    context.lineTo(x + 7, y - 1);
    context.lineTo(x, y + 6);
    context.fill();
    drawn = end;
  }
}

function firstStartingAt(recording: Recording, spans: Int32Array, low: number, high: number, time: number): number {
  // Most often it is near, so the steps grow from one.
  let step = 1;
  let from = low;
  while (from + step < high && (recording.start[spans[from + step] as number] as number) < time) {
    from += step;
    step *= 2;
  }
  let to = Math.min(high, from + step + 1);
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((recording.start[spans[middle] as number] as number) < time) from = middle + 1;
    else to = middle;
  }
  return from;
}
