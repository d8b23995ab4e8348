/** A canvas that is as sharp as the screen and draws itself anew when asked, at most once a frame. */

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

export interface Size {
  width: number;
  height: number;
}

/** How large an element is, while it changes. */
export function useSize(element: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const measure = () => setSize({ width: target.clientWidth, height: target.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** Has a canvas painted whenever `paint` is another function. Returns what asks for it in between. */
export function usePainting(
  canvas: RefObject<HTMLCanvasElement | null>,
  { width, height }: Size,
  paint: (context: CanvasRenderingContext2D) => void,
): () => void {
  const latest = useRef(paint);
  latest.current = paint;
  const frame = useRef(0);
  const ask = useCallback(() => {
    if (frame.current) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      const target = canvas.current;
      const context = target?.getContext("2d", { alpha: false });
      if (!target || !context || !width || !height) return;
      const ratio = devicePixelRatio;
      const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (target.width !== wide || target.height !== high) [target.width, target.height] = [wide, high];
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      latest.current(context);
    });
  }, [canvas, width, height]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another way to paint is what asks for it
  useEffect(() => ask(), [ask, paint]);
  useEffect(
    () => () => {
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    },
    [],
  );
  return ask;
}
