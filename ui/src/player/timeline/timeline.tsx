/** The timeline: lanes of spans on a canvas, with the cursor over them. The tree beside it lists the same spans. */

import { type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";

import { useTheme } from "@/app/theme";
import { spanAt } from "@/player/model/lanes";
import { usePlayer } from "@/player/state";
import { usePainting, useSize } from "@/player/timeline/canvas";
import { coloursNow, draw, tonesOf } from "@/player/timeline/draw";
import { CursorLine, frameBar } from "@/player/timeline/frames";
import { Hover } from "@/player/timeline/hover";
import { BAR, placesOf, RULER, rowAt } from "@/player/timeline/places";
import { useWheel } from "@/player/timeline/wheel";

const CLICK = 4;

interface Drag {
  x: number;
  y: number;
  from: number;
  top: number;
  isScrub: boolean;
  moved: boolean;
}

export function Timeline() {
  const recording = usePlayer((state) => state.recording);
  const lanes = usePlayer((state) => state.lanes);
  const marks = usePlayer((state) => state.marks);
  const isPlaying = usePlayer((state) => state.isPlaying);
  const turn = useTheme((state) => state.turn);
  const [hovered, setHovered] = useState(-1);
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const hover = useRef<HTMLDivElement>(null);
  const selection = useRef<HTMLDivElement>(null);
  const outline = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const top = useRef(0);
  const size = useSize(frame);
  const places = useMemo(() => lanes && placesOf(lanes), [lanes]);
  const tones = useMemo(() => recording && tonesOf(recording), [recording]);
  // The theme is asked for its colours when it turns, not in every frame.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the turn is what makes the colours others
  const colours = useMemo(coloursNow, [turn]);

  const paint = useCallback(
    (context: CanvasRenderingContext2D) => {
      if (!recording || !lanes || !places || !tones) return;
      const { shown } = usePlayer.getState();
      draw(context, { recording, lanes, places, tones, marks, shown, top: top.current, ...size, colours });
    },
    [recording, lanes, places, tones, marks, size, colours],
  );
  const ask = usePainting(canvas, size, paint);
  const encircle = useCallback(() => {
    if (!recording || !lanes || !places || !selection.current || !outline.current) return;
    const { shown, selected } = usePlayer.getState();
    const ground = { recording, lanes, places, width: size.width };
    frameBar(selection.current, ground, shown, top.current, selected);
    frameBar(outline.current, ground, shown, top.current, hovered);
  }, [recording, lanes, places, size, hovered]);
  const scroll = useCallback(
    (to: number) => {
      const most = Math.max(0, (places?.height ?? 0) - (size.height - RULER));
      const now = Math.max(0, Math.min(most, to));
      if (now === top.current) return;
      top.current = now;
      ask();
      encircle();
    },
    [places, size, ask, encircle],
  );
  /** Bring the selected span into sight. */
  const follow = useCallback(() => {
    if (!lanes || !places || !size.height) return;
    const y = places.tops[lanes.row[usePlayer.getState().selected] as number] ?? 0;
    const room = size.height - RULER;
    if (y < top.current) scroll(y - 24);
    else if (y + BAR > top.current + room) scroll(y + BAR + 24 - room);
    else scroll(top.current);
  }, [lanes, places, size, scroll]);
  useWheel(frame, size.width, (by) => scroll(top.current + by));
  useEffect(encircle, [encircle]);
  useEffect(follow, [follow]);
  useEffect(
    () =>
      usePlayer.subscribe((now, before) => {
        if (now.shown !== before.shown) ask();
        if (now.selected !== before.selected) follow();
        if (now.shown !== before.shown || now.selected !== before.selected) encircle();
      }),
    [ask, follow, encircle],
  );

  const timeAt = (x: number) => {
    const { shown } = usePlayer.getState();
    return shown.from + (x / Math.max(1, size.width)) * (shown.to - shown.from);
  };
  const under = (x: number, y: number) => {
    if (!recording || !lanes || !places || y < RULER) return -1;
    const give = timeAt(2) - timeAt(0);
    return spanAt(recording, lanes, rowAt(places, y - RULER + top.current), timeAt(x), give);
  };
  const spot = (event: PointerEvent) => {
    const box = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const onDown = (event: PointerEvent<HTMLCanvasElement>) => {
    const { x, y } = spot(event);
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x, y, from: usePlayer.getState().shown.from, top: top.current, isScrub: y < RULER, moved: false };
    if (y < RULER) usePlayer.getState().scrub(timeAt(x));
  };
  const onMove = (event: PointerEvent<HTMLCanvasElement>) => {
    const { x, y } = spot(event);
    const held = drag.current;
    if (!held) {
      setHovered(under(x, y));
      if (hover.current) hover.current.style.translate = `${Math.min(x + 14, size.width - 300)}px ${y + 16}px`;
      return;
    }
    held.moved ||= Math.abs(x - held.x) + Math.abs(y - held.y) > CLICK;
    const { shown, show, scrub } = usePlayer.getState();
    if (held.isScrub) scrub(timeAt(x));
    else if (held.moved) {
      const length = shown.to - shown.from;
      const from = held.from - ((x - held.x) / Math.max(1, size.width)) * length;
      show({ from, to: from + length });
      scroll(held.top - (y - held.y));
    }
  };
  const onUp = (event: PointerEvent<HTMLCanvasElement>) => {
    const held = drag.current;
    drag.current = null;
    if (!held || held.moved || held.isScrub) return;
    const { x, y } = spot(event);
    const index = under(x, y);
    if (index >= 0) usePlayer.getState().select(index);
    else usePlayer.getState().scrub(timeAt(x));
  };

  return (
    <div ref={frame} className="relative h-full min-h-0 touch-none overflow-hidden">
      <canvas
        ref={canvas}
        aria-label="Timeline of the session. The tree lists the same spans."
        role="img"
        className="absolute inset-0 size-full"
        style={{ cursor: hovered >= 0 ? "pointer" : "default" }}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={() => {
          drag.current = null;
        }}
        onPointerLeave={() => setHovered(-1)}
      />
      <div className="pointer-events-none absolute inset-x-0 bottom-0 overflow-hidden" style={{ top: RULER }}>
        <div ref={outline} hidden className="absolute top-0 left-0 border border-ink-soft" />
        <div ref={selection} hidden className="absolute top-0 left-0 border-2 border-accent" />
      </div>
      <CursorLine width={size.width} dims={isPlaying} />
      <div ref={hover} className="pointer-events-none absolute top-0 left-0 z-20">
        {recording && hovered >= 0 && hovered < recording.count && <Hover recording={recording} index={hovered} />}
      </div>
    </div>
  );
}
