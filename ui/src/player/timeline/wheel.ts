/** The wheel over a stretch of time: it zooms around the pointer; sideways it pans, with Shift it scrolls. */

import { type RefObject, useEffect, useRef } from "react";

import { usePlayer } from "@/player/state";

const COARSE = 0.0016;
const PINCH = 0.012;

export function useWheel(element: RefObject<HTMLElement | null>, width: number, scroll?: (by: number) => void): void {
  const latest = useRef(scroll);
  latest.current = scroll;
  useEffect(() => {
    const target = element.current;
    if (!target || !width) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { shown, zoom, show } = usePlayer.getState();
      const length = shown.to - shown.from;
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const [across, down] = [event.deltaX * lines, event.deltaY * lines];
      if (event.shiftKey && latest.current) latest.current(down || across);
      else if (Math.abs(across) > Math.abs(down)) {
        const by = (across / width) * length;
        show({ from: shown.from + by, to: shown.to + by });
      } else {
        const x = event.clientX - target.getBoundingClientRect().left;
        zoom(Math.exp(down * (event.ctrlKey ? PINCH : COARSE)), shown.from + (x / width) * length);
      }
    };
    // React listens passively, and a passive listener cannot keep the page from being zoomed.
    target.addEventListener("wheel", onWheel, { passive: false });
    return () => target.removeEventListener("wheel", onWheel);
  }, [element, width]);
}
