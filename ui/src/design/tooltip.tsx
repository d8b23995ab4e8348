/** What a thing is called, and which keys do it: one box for the whole page, which goes to what is pointed at. */

import { cloneElement, type ReactElement, useEffect, useLayoutEffect, useRef, useState } from "react";

import { Keys } from "@/design/keys";

type Side = "right" | "bottom";

interface Props {
  label: string;
  keys?: string;
  side?: Side;
  children: ReactElement;
}

/** Marks what it is put around. There are dozens on a page, and each has to cost next to nothing. */
export function Tooltip({ label, keys, side, children }: Props) {
  return cloneElement(children, { "data-tip": label, "data-tip-keys": keys, "data-tip-side": side } as object);
}

const PATIENCE = 350;
/** So long it stays when the pointer has left, so that one can go over to it or to the next without waiting. */
const LINGER = 120;
const GAP = 6;
const ID = "tip";

/** The box; once on each page. */
export function Tips() {
  const [target, setTarget] = useState<HTMLElement | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => listen(setTarget), []);
  useLayoutEffect(() => {
    if (!target || !box.current) return;
    const { x, y } = placeOf(target.getBoundingClientRect(), box.current.getBoundingClientRect(), sideOf(target));
    box.current.style.translate = `${x}px ${y}px`;
    if (target.getAttribute("aria-label") === target.dataset.tip) return;
    target.setAttribute("aria-describedby", ID);
    return () => target.removeAttribute("aria-describedby");
  }, [target]);
  if (!target) return null;
  return (
    <div
      ref={box}
      id={ID}
      role="tooltip"
      className="fixed top-0 left-0 z-50 flex max-w-sm items-center gap-2 rounded-md border bg-panel px-2 py-1 text-sm shadow-raised"
    >
      {target.dataset.tip}
      {target.dataset.tipKeys && <Keys keys={target.dataset.tipKeys} />}
    </div>
  );
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
  width: number;
  height: number;
}

/** Where the box stands: beside what it is for, within the window, and above it where there is no room below. */
export function placeOf(target: Box, box: Pick<Box, "width" | "height">, side: Side, room = viewport()) {
  const within = (at: number, size: number, most: number) => Math.max(GAP, Math.min(at, most - size - GAP));
  if (side === "right")
    return {
      x: within(target.right + GAP, box.width, room.width),
      y: within(target.top + (target.height - box.height) / 2, box.height, room.height),
    };
  const below = target.bottom + GAP;
  return {
    x: within(target.left + (target.width - box.width) / 2, box.width, room.width),
    y: below + box.height <= room.height - GAP ? below : Math.max(GAP, target.top - GAP - box.height),
  };
}

const viewport = () => ({ width: innerWidth, height: innerHeight });

const sideOf = (target: HTMLElement): Side => (target.dataset.tipSide === "right" ? "right" : "bottom");

/** Tell what is pointed at or has come into focus. Returns what stops it. */
function listen(tell: (target: HTMLElement | null) => void): () => void {
  let shown: HTMLElement | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (target: HTMLElement | null, wait: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      shown = target?.isConnected ? target : null;
      tell(shown);
    }, wait);
  };
  const stop = new AbortController();
  const on = (name: keyof DocumentEventMap, hear: (event: Event) => void) =>
    document.addEventListener(name, hear, { signal: stop.signal, capture: true, passive: true });
  const hide = () => show(null, 0);

  on("pointerover", ({ target }) => {
    const over = target instanceof Element ? target : null;
    if (over?.closest(`#${ID}`)) return clearTimeout(timer);
    const found = over?.closest<HTMLElement>("[data-tip]") ?? null;
    if (found && found === shown) clearTimeout(timer);
    else if (found) show(found, shown ? LINGER : PATIENCE);
    else if (shown || timer) show(null, LINGER);
  });
  on("focusin", ({ target }) => {
    const found = target instanceof Element ? target.closest<HTMLElement>("[data-tip]") : null;
    if (found?.matches(":focus-visible")) show(found, 0);
  });
  on("focusout", hide);
  on("pointerdown", hide);
  on("scroll", () => shown && hide());
  on("keydown", (event) => (event as KeyboardEvent).key === "Escape" && shown && hide());
  return () => {
    clearTimeout(timer);
    stop.abort();
  };
}
