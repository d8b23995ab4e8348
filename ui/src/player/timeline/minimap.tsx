/** The whole session in a strip: how much went on when, what failed, and which part the timeline shows. */

import { type PointerEvent, useCallback, useEffect, useMemo, useRef } from "react";

import { useTheme } from "@/app/theme";
import { failedOf } from "@/player/model/lanes";
import { endOf, type Recording } from "@/player/model/recording";
import { usePlayer, whole } from "@/player/state";
import { type Size, usePainting, useSize } from "@/player/timeline/canvas";
import { type Colours, coloursNow, tonesOf } from "@/player/timeline/draw";

/** For each of so many columns how many spans without children run, by tone; and where spans failed. */
export function densityOf(recording: Recording, tones: Uint8Array, columns: number, many: number) {
  const { from: begin, to: end } = whole(recording);
  const scale = columns / (end - begin);
  const layers = Array.from({ length: many }, () => new Float64Array(columns + 1));
  const failed = new Uint8Array(columns);
  const isFailed = failedOf(recording);
  for (let i = 0; i < recording.count; i += 1) {
    const from = Math.min(columns - 1, Math.floor(((recording.start[i] as number) - begin) * scale));
    if (isFailed[i]) failed[from] = 1;
    if (recording.firstChild[i] !== recording.firstChild[i + 1]) continue;
    const to = Math.min(columns - 1, Math.floor((endOf(recording, i) - begin) * scale));
    const layer = layers[tones[i] as number] as Float64Array;
    layer[from] = (layer[from] as number) + 1;
    layer[to + 1] = (layer[to + 1] as number) - 1;
  }
  let most = 0;
  for (const layer of layers)
    for (let x = 1; x < columns; x += 1) layer[x] = (layer[x] as number) + (layer[x - 1] as number);
  for (let x = 0; x < columns; x += 1) {
    let all = 0;
    for (const layer of layers) all += layer[x] as number;
    most = Math.max(most, all);
  }
  return { layers, failed, most };
}

function drawDensity(
  context: CanvasRenderingContext2D,
  { width, height }: Size,
  colours: Colours,
  density: ReturnType<typeof densityOf> | null,
): void {
  context.fillStyle = colours.sunken;
  context.fillRect(0, 0, width, height);
  if (!density) return;
  const room = height - 6;
  for (let x = 0; x < density.failed.length; x += 1) {
    let y = height - 3;
    // The root evens out what differs a lot: one call is seen beside fifty.
    const all = density.layers.reduce((sum, layer) => sum + (layer[x] as number), 0);
    const high = all ? room * Math.sqrt(all / density.most) : 0;
    density.layers.forEach((layer, tone) => {
      const part = all ? (high * (layer[x] as number)) / all : 0;
      if (part <= 0) return;
      context.fillStyle = colours.tones[tone] as string;
      context.fillRect(x, y - part, 1, part);
      y -= part;
    });
    if (density.failed[x]) {
      context.fillStyle = colours.bad;
      context.fillRect(x - 0.5, height - 3, 2, 3);
    }
  }
}

export function Minimap() {
  const recording = usePlayer((state) => state.recording);
  const turn = useTheme((state) => state.turn);
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const brush = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const held = useRef<{ grip: number; begins: number } | null>(null);
  const size = useSize(frame);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the turn is what makes the colours others
  const colours = useMemo(coloursNow, [turn]);
  const density = useMemo(
    () =>
      recording && size.width > 0
        ? densityOf(recording, tonesOf(recording), Math.floor(size.width), colours.tones.length)
        : null,
    [recording, size.width, colours],
  );

  const paint = useCallback(
    (context: CanvasRenderingContext2D) => drawDensity(context, size, colours, density),
    [size, colours, density],
  );
  usePainting(canvas, size, paint);

  useEffect(() => {
    const place = ({ shown, cursor, recording: now }: ReturnType<typeof usePlayer.getState>, isMoved: boolean) => {
      if (!now) return;
      const all = whole(now);
      const scale = size.width / (all.to - all.from);
      if (line.current) line.current.style.translate = `${(cursor - all.from) * scale}px 0`;
      if (!isMoved || !brush.current) return;
      const left = Math.max(0, (shown.from - all.from) * scale);
      const right = Math.min(size.width, (shown.to - all.from) * scale);
      brush.current.hidden = left <= 0 && right >= size.width;
      brush.current.style.left = `${left}px`;
      brush.current.style.width = `${Math.max(3, right - left)}px`;
    };
    place(usePlayer.getState(), true);
    return usePlayer.subscribe((now, before) => place(now, now.shown !== before.shown));
  }, [size.width]);

  const all = recording ? whole(recording) : { from: 0, to: 1 };
  const length = all.to - all.from;
  const timeAt = (event: PointerEvent) => {
    const box = (frame.current as HTMLDivElement).getBoundingClientRect();
    return all.from + ((event.clientX - box.left) / Math.max(1, size.width)) * length;
  };
  const isFar = (from: number, to: number) => Math.abs(to - from) * size.width > 3 * length;
  const onDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    const time = timeAt(event);
    const { shown } = usePlayer.getState();
    const isWhole = shown.to - shown.from >= length;
    const isInside = !isWhole && time >= shown.from && time <= shown.to;
    held.current = { grip: isInside ? time - shown.from : Number.NaN, begins: time };
  };
  const onMove = (event: PointerEvent<HTMLDivElement>) => {
    if (!held.current) return;
    const { shown, show } = usePlayer.getState();
    const { grip, begins } = held.current;
    const time = timeAt(event);
    if (!Number.isNaN(grip)) show({ from: time - grip, to: time - grip + shown.to - shown.from });
    else if (isFar(begins, time)) show({ from: Math.min(time, begins), to: Math.max(time, begins) });
  };
  const onUp = (event: PointerEvent<HTMLDivElement>) => {
    const began = held.current;
    held.current = null;
    if (began && !isFar(began.begins, timeAt(event))) usePlayer.getState().scrub(began.begins);
  };
  return (
    <div
      ref={frame}
      aria-hidden
      className="relative h-9 touch-none overflow-hidden border-b"
      onPointerDown={onDown}
      onPointerMove={onMove}
      onPointerUp={onUp}
      onDoubleClick={() => usePlayer.getState().fit()}
    >
      <canvas ref={canvas} className="absolute inset-0 size-full" />
      <div ref={brush} className="absolute inset-y-0 rounded-sm border border-accent bg-accent/8" />
      <div ref={line} className="absolute inset-y-0 left-0 w-0.5 bg-cursor will-change-transform" />
    </div>
  );
}
