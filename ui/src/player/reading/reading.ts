/** Reads the spans of a session behind the first ones, and again those that changed; laid out they are in a worker. */

import { getBytes } from "@/api/client";
import type { Which } from "@/player/load";
import type { Layout } from "@/player/reading/layout";
import type { Asked, Told } from "@/player/reading/worker";

/** So many spans are asked for at once: what else is asked meanwhile need not wait long. */
export const STRETCH = 20_000;
const PATIENCE = 400;
const MOST_FAILURES = 5;

export interface Listener {
  shown: (layout: Layout, isWhole: boolean) => void;
  failed: (error: Error) => void;
}

export class Reading {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #stop = new AbortController();
  /** What waits for the worker to have taken in a stretch, in the order in which they were sent. */
  readonly #waiting: ((count: number) => void)[] = [];
  /** How many spans are shown. */
  #known: number;
  /** The first place that is to be read; infinite when all is. */
  #from = Number.POSITIVE_INFINITY;
  #isBusy = false;

  constructor(
    private readonly which: Which,
    first: ArrayBuffer,
    count: number,
    private readonly listener: Listener,
  ) {
    this.#known = count;
    this.#worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if (data.type === "taken") this.#waiting.shift()?.(data.count);
      else this.listener.shown(data.layout, data.isWhole);
    };
    this.#worker.onerror = ({ message }) => this.listener.failed(new Error(message));
    void this.#take(first.slice(0));
  }

  /** Read what stands behind what is known. */
  readOn(): void {
    this.#ask(this.#known + 1, 0);
  }

  /** Read from a place on, in a moment: what else changes until then is read with it. */
  renew(place: number): void {
    // The more there is to lay out anew, the longer one waits for more to come.
    this.#ask(place, PATIENCE + this.#known / 50);
  }

  stop(): void {
    this.#stop.abort();
    this.#worker.terminate();
  }

  #ask(place: number, pause: number): void {
    this.#from = Math.min(this.#from, place);
    if (!this.#isBusy) void this.#work(pause);
  }

  async #work(pause: number): Promise<void> {
    this.#isBusy = true;
    let failures = 0;
    for (let wait = pause; this.#from < Number.POSITIVE_INFINITY; wait = PATIENCE + this.#known / 50) {
      if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
      const from = Math.max(1, Math.min(this.#from, this.#known + 1));
      this.#from = Number.POSITIVE_INFINITY;
      try {
        await this.#read(from);
        failures = 0;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        failures += 1;
        if (failures < MOST_FAILURES) this.#from = Math.min(this.#from, from);
        else this.listener.failed(error as Error);
      }
    }
    this.#isBusy = false;
  }

  /** What is new is shown as it comes, at each doubling; what takes the place of something only as a whole. */
  async #read(from: number): Promise<void> {
    const isNew = from > this.#known;
    for (let start = from, isLast = false; !isLast; start += STRETCH) {
      const query = { project: this.which.project, start, limit: STRETCH };
      const path = `/sessions/${this.which.session}/columns`;
      const count = await this.#take(await getBytes(path, query, this.#stop.signal));
      isLast = count < STRETCH;
      const reached = start + count - 1;
      if (!isLast && !(isNew && reached >= 2 * this.#known)) continue;
      this.#known = reached;
      this.#send({ type: "show", isWhole: isLast });
    }
  }

  #take(body: ArrayBuffer): Promise<number> {
    this.#send({ type: "take", body }, [body]);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #send(asked: Asked, given: Transferable[] = []): void {
    this.#worker.postMessage(asked, given);
  }
}
