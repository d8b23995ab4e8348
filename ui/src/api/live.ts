/** The live feed: what happens in the store, read as it comes. */

import { address, type Query } from "@/api/address";
import { getRaw } from "@/api/client";

export interface LiveEvent {
  name: string;
  data: unknown;
}

const PAUSE = 2_000;

/** Tell every event until the signal says stop. A connection that breaks is taken up where it broke. */
export async function listen(query: Query, tell: (event: LiveEvent) => void, signal: AbortSignal): Promise<void> {
  let position: string | undefined;
  while (!signal.aborted) {
    try {
      const path = address("/live", { ...query, position }).replace("/api/v1", "");
      const answer = await getRaw(path, { accept: "text/event-stream" }, signal);
      const reader = (answer.body as ReadableStream<BufferSource>).pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        const { events, left } = eventsIn(rest + read.value);
        rest = left;
        for (const event of events) {
          position = event.id ?? position;
          tell(event);
        }
      }
    } catch {
      // Whether the server is away is told by the frame; here one only tries again.
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** The whole events of a text, and what is left of one that is not whole yet. */
export function eventsIn(text: string): { events: (LiveEvent & { id?: string })[]; left: string } {
  const parts = text.split("\n\n");
  const left = parts.pop() ?? "";
  const events = parts.flatMap((part) => {
    const fields = new Map(
      part.split("\n").map((line) => [line.split(":", 1)[0] ?? "", line.replace(/^[^:]*: ?/, "")]),
    );
    const data = fields.get("data");
    if (data === undefined) return [];
    const id = fields.get("id");
    return [{ name: fields.get("event") ?? "message", data: JSON.parse(data) as unknown, ...(id ? { id } : {}) }];
  });
  return { events, left };
}
