/** Two parts with a bar between them that can be moved, by pointer and by keys. */

import { type PointerEvent, type ReactNode, useRef, useState } from "react";

interface Props {
  /** Under which its place is remembered. */
  name: string;
  way: "across" | "down";
  first: ReactNode;
  children: ReactNode;
  /** How much the first part has, of one. */
  share: number;
}

const LEAST = 0.12;

export function Split({ name, way, first, children, share }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [now, setNow] = useState(() => Number(localStorage.getItem(`split.${name}`)) || share);
  const move = (to: number) => {
    const kept = Math.min(1 - LEAST, Math.max(LEAST, to));
    setNow(kept);
    localStorage.setItem(`split.${name}`, String(kept));
  };
  const onMove = (event: PointerEvent) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || !box.current) return;
    const { left, top, width, height } = box.current.getBoundingClientRect();
    move(way === "down" ? (event.clientY - top) / height : (event.clientX - left) / width);
  };
  const parts = `minmax(0,${now}fr) auto minmax(0,${1 - now}fr)`;
  return (
    <div
      ref={box}
      className="grid h-full min-h-0 min-w-0"
      style={
        way === "down"
          ? { gridTemplateRows: parts, gridTemplateColumns: "minmax(0,1fr)" }
          : { gridTemplateColumns: parts, gridTemplateRows: "minmax(0,1fr)" }
      }
    >
      <div className="min-h-0 min-w-0 overflow-hidden contain-strict">{first}</div>
      {/* biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved */}
      <div
        role="separator"
        aria-label="Move the border"
        aria-orientation={way === "down" ? "horizontal" : "vertical"}
        aria-valuenow={Math.round(now * 100)}
        tabIndex={0}
        className={`group relative z-10 touch-none bg-line hover:bg-accent focus-visible:bg-accent ${way === "down" ? "h-px cursor-row-resize" : "w-px cursor-col-resize"}`}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onMove}
        onDoubleClick={() => move(share)}
        onKeyDown={(event) => {
          const back = way === "down" ? "ArrowUp" : "ArrowLeft";
          const forth = way === "down" ? "ArrowDown" : "ArrowRight";
          if (event.key !== back && event.key !== forth) return;
          event.preventDefault();
          event.stopPropagation();
          move(now + (event.key === back ? -0.03 : 0.03));
        }}
      >
        <div className={`absolute ${way === "down" ? "inset-x-0 -inset-y-1" : "inset-y-0 -inset-x-1"}`} />
      </div>
      <div className="min-h-0 min-w-0 overflow-hidden contain-strict">{children}</div>
    </div>
  );
}
