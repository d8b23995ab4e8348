/** The timeline: lanes of spans on a canvas, with the cursor over them. The tree beside it lists the same spans. */

import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";

import { useTheme } from "@/app/theme";
import { spanAt } from "@/player/model/lanes";
import { usePlayer } from "@/player/state";
import { usePainting, useSize } from "@/player/timeline/canvas";
import { coloursNow, draw, tonesOf } from "@/player/timeline/draw";
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
  const selected = usePlayer((state) => state.selected);
  const isPlaying = usePlayer((state) => state.isPlaying);
  const turn = useTheme((state) => state.turn);
  const [hovered, setHovered] = useState(-1);
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const hover = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const top = useRef(0);
  const size = useSize(frame);
  const places = useMemo(() => lanes && placesOf(lanes), [lanes]);
  const tones = useMemo(() => recording && tonesOf(recording), [recording]);
  // The theme is asked for its colours when it turns, not in every frame.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the turn is what makes the colours others
  const colours = useMemo(coloursNow, [turn]);

  const ask = usePainting(canvas, size, (context) => {
    if (!recording || !lanes || !places || !tones) return;
    const { shown } = usePlayer.getState();
    draw(context, { recording, lanes, places, tones, shown, top: top.current, ...size, selected, hovered, colours });
  });
  const scroll = (to: number) => {
    const most = Math.max(0, (places?.height ?? 0) - (size.height - RULER));
    top.current = Math.max(0, Math.min(most, to));
    ask();
  };
  useWheel(frame, size.width, (by) => scroll(top.current + by));

  useEffect(() => usePlayer.subscribe((now, before) => now.shown !== before.shown && ask()), [ask]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection is brought into sight
  useEffect(() => {
    if (!lanes || !places || !size.height) return;
    const y = places.tops[lanes.row[selected] as number] ?? 0;
    const room = size.height - RULER;
    if (y < top.current) scroll(y - 24);
    else if (y + BAR > top.current + room) scroll(y + BAR + 24 - room);
    else scroll(top.current);
  }, [selected, lanes, places, size.height]);

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
      <CursorLine width={size.width} dims={isPlaying} />
      <div ref={hover} className="pointer-events-none absolute top-0 left-0 z-20">
        {recording && hovered >= 0 && hovered < recording.count && <Hover recording={recording} index={hovered} />}
      </div>
    </div>
  );
}

/** The line of the cursor. It moves by itself, so that nothing is drawn anew while the session plays. */
function CursorLine({ width, dims }: { width: number; dims: boolean }) {
  const line = useRef<HTMLDivElement>(null);
  const later = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = () => {
      const { cursor, shown } = usePlayer.getState();
      const x = ((cursor - shown.from) / (shown.to - shown.from)) * width;
      const isInside = x >= -1 && x <= width + 1;
      if (line.current) {
        line.current.style.translate = `${x}px 0`;
        line.current.style.visibility = isInside ? "visible" : "hidden";
      }
      if (later.current) later.current.style.left = `${Math.max(0, x)}px`;
    };
    place();
    return usePlayer.subscribe(place);
  }, [width]);
  return (
    <>
      {dims && <div ref={later} className="pointer-events-none absolute top-6 right-0 bottom-0 bg-panel opacity-55" />}
      <div ref={line} className="pointer-events-none absolute inset-y-0 left-0 w-0">
        <div className="absolute inset-y-0 -left-px w-0.5 bg-cursor" />
        <div className="absolute -top-px -left-[5px] h-2.5 w-[11px] rounded-b-sm bg-cursor" />
      </div>
    </>
  );
}
