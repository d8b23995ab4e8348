/** Keeps a body and finds its lines, away from the page. */

import { LineIndex } from "@/player/payload/line-index";

export type Asked =
  | { type: "begin"; isJson: boolean }
  | { type: "add"; bytes: ArrayBuffer }
  | { type: "read"; from: number; to: number };

export type Told = { type: "known"; lines: number; bytes: number } | { type: "lines"; from: number; lines: string[] };

let index = new LineIndex();

addEventListener("message", ({ data }: MessageEvent<Asked>) => {
  if (data.type === "begin") index = new LineIndex(data.isJson);
  else if (data.type === "add") {
    index.add(new Uint8Array(data.bytes));
    tell({ type: "known", lines: index.count, bytes: index.size });
  } else tell({ type: "lines", from: data.from, lines: index.read(data.from, data.to) });
});

function tell(told: Told): void {
  postMessage(told);
}
