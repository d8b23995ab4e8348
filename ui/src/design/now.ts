/** The time, for what ticks: one clock for the whole page, which stands still while nobody looks at it. */

import { useSyncExternalStore } from "react";

const EVERY = 1_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const one of listeners) one();
  }, EVERY);
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Milliseconds since the epoch, a second apart. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
