/** What lies over the bars and moves by itself, so that nothing is drawn anew: frames around bars, and the cursor. */

import { useEffect, useRef } from "react";

import type { Lanes } from "@/player/model/lanes";
import { endOf, type Recording } from "@/player/model/recording";
import { type Stretch, usePlayer } from "@/player/state";
import { BAR, type Places } from "@/player/timeline/places";

export interface Ground {
  recording: Recording;
  lanes: Lanes;
  places: Places;
  width: number;
}

const BEYOND = 9;

/** Put a frame around the bar of a span; -1 is none. */
export function frameBar(frame: HTMLElement, ground: Ground, shown: Stretch, top: number, index: number): void {
  const { recording, lanes, places, width } = ground;
  const y = places.tops[lanes.row[index] as number];
  frame.hidden = index < 0 || y === undefined;
  if (frame.hidden || y === undefined) return;
  const scale = width / (shown.to - shown.from);
  const left = Math.max(-BEYOND, ((recording.start[index] as number) - shown.from) * scale);
  const right = Math.min(width + BEYOND, (endOf(recording, index) - shown.from) * scale);
  frame.style.translate = `${left - 1}px ${y - top - 1}px`;
  frame.style.width = `${Math.max(4, right - left + 1)}px`;
  frame.style.height = `${BAR + 2}px`;
}

/** The line of the cursor; while the session plays, what is still to come is dimmed. */
export function CursorLine({ width, dims }: { width: number; dims: boolean }) {
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
      if (later.current) later.current.style.translate = `${Math.max(0, x)}px 0`;
    };
    place();
    return usePlayer.subscribe(place);
  }, [width]);
  return (
    <>
      <div
        ref={later}
        hidden={!dims}
        className="pointer-events-none absolute inset-x-0 top-6 bottom-0 bg-panel opacity-55 will-change-transform"
      />
      <div ref={line} className="pointer-events-none absolute inset-y-0 left-0 w-0 will-change-transform">
        <div className="absolute inset-y-0 -left-px w-0.5 bg-cursor" />
        <div className="absolute -top-px -left-[5px] h-2.5 w-[11px] rounded-b-sm bg-cursor" />
      </div>
    </>
  );
}
