/** Keeps the columns of a session and lays them out, away from the page. */

import type { SpanColumns } from "@/api/types";
import { type Layout, layoutOf, memoryOf } from "@/player/reading/layout";
import { cut, stretchIn } from "@/player/reading/stretches";

/** A stretch to be taken in; what was taken in since the last time is shown in the place of what stood there. */
export type Asked = { type: "take"; body: ArrayBuffer } | { type: "show"; isWhole: boolean };

export type Told = { type: "taken"; count: number } | { type: "laid out"; layout: Layout; isWhole: boolean };

let known: SpanColumns[] = [];
let taken: SpanColumns[] = [];

addEventListener("message", ({ data }: MessageEvent<Asked>) => {
  if (data.type === "take") {
    const stretch = stretchIn(data.body);
    taken = [...cut(taken, stretch.first), stretch];
    tell({ type: "taken", count: stretch.count });
    return;
  }
  known = [...cut(known, taken[0]?.first ?? Number.POSITIVE_INFINITY), ...taken];
  taken = [];
  const layout = layoutOf(known);
  tell({ type: "laid out", layout, isWhole: data.isWhole }, memoryOf(layout));
});

function tell(told: Told, given: Transferable[] = []): void {
  postMessage(told, { transfer: given });
}
