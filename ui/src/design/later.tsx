/** What may wait until the page was painted, so that it does not delay what is looked at first. */

import { type ComponentType, type ReactNode, useEffect, useState } from "react";

/** Have something done when the next frame is on the screen. Returns what calls it off. */
function afterPaint(run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Who is told of a frame is told before it is painted; the one behind it comes when it was.
  let frame = requestAnimationFrame(() => {
    frame = requestAnimationFrame(() => {
      timer = setTimeout(run);
    });
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/** Whether what is on the page was painted. */
export function usePainted(): boolean {
  const [isPainted, setPainted] = useState(false);
  useEffect(() => afterPaint(() => setPainted(true)), []);
  return isPainted;
}

/**
 * A component that is loaded when the page was painted, and shown as soon as it is there.
 *
 * Not React's `lazy`: what is awaited there is shown only some time after it has come, lest something flicker.
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  meanwhile: ReactNode = null,
): ComponentType<Props> {
  let known: ComponentType<Props> | null = null;
  // biome-ignore lint/correctness/noComponentHookFactories: called once for each module, as React's `lazy` is
  return function Later(props: Props) {
    const [Known, setKnown] = useState(() => known);
    useEffect(() => {
      if (known) return;
      let isGone = false;
      const show = (component: ComponentType<Props>) => {
        known = component;
        if (!isGone) setKnown(() => component);
      };
      const fail = (error: unknown) =>
        setKnown(() => {
          throw error;
        });
      const callOff = afterPaint(() => void load().then(show, fail));
      return () => {
        isGone = true;
        callOff();
      };
    }, []);
    return Known ? <Known {...props} /> : meanwhile;
  };
}
