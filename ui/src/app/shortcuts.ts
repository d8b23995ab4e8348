/** The keyboard: what can be pressed where, in one table, so that `?` shows exactly what works. */

import { useEffect, useRef } from "react";
import { create } from "zustand";

export interface Shortcut {
  /** What is pressed: "j", "shift+j", "mod+k", "g s" (one after the other). */
  keys: string;
  /** What it does, for the keyboard map and the palette. */
  does: string;
  /** Under which heading the keyboard map shows it. */
  group: string;
  run: () => void;
}

interface Registry {
  layers: Shortcut[][];
  push: (layer: Shortcut[]) => () => void;
}

export const useRegistry = create<Registry>((set) => ({
  layers: [],
  push: (layer) => {
    set((state) => ({ layers: [...state.layers, layer] }));
    return () => set((state) => ({ layers: state.layers.filter((one) => one !== layer) }));
  },
}));

/** Offer shortcuts for as long as the component is there. The newest layer wins. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  const push = useRegistry((state) => state.push);
  const shape = shortcuts.map((one) => `${one.keys}\0${one.does}\0${one.group}`).join("\n");
  useEffect(() => {
    const layer = shape
      ? shape.split("\n").map((line, index) => {
          const [keys = "", does = "", group = ""] = line.split("\0");
          return { keys, does, group, run: () => latest.current[index]?.run() };
        })
      : [];
    return push(layer);
  }, [shape, push]);
}

const PATIENCE = 900;
const isMac = /mac|iphone|ipad/i.test(navigator.platform);
let begun = "";
let begunAt = 0;

/** Listen to the keyboard of the page. Returns what stops it. */
export function listen(): () => void {
  const onKey = (event: KeyboardEvent) => {
    const pressed = nameOf(event);
    if (!pressed || belongsElsewhere(event, pressed)) return;
    const now = performance.now();
    const sequence = begun && now - begunAt < PATIENCE ? `${begun} ${pressed}` : "";
    const layers = useRegistry.getState().layers.toReversed().flat();
    const found = layers.find((one) => one.keys === sequence) ?? layers.find((one) => one.keys === pressed);
    if (found) {
      event.preventDefault();
      begun = "";
      found.run();
      return;
    }
    begun = layers.some((one) => one.keys.startsWith(`${pressed} `)) ? pressed : "";
    begunAt = now;
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

/** Keys as they are printed on them. */
export function printed(keys: string): string[] {
  const names: Record<string, string> = {
    mod: isMac ? "⌘" : "Ctrl",
    shift: "⇧",
    alt: isMac ? "⌥" : "Alt",
    arrowleft: "←",
    arrowright: "→",
    arrowup: "↑",
    arrowdown: "↓",
    escape: "Esc",
    enter: "↵",
    space: "Space",
    pageup: "Page ↑",
    pagedown: "Page ↓",
    home: "Home",
    end: "End",
    delete: "Del",
  };
  return keys
    .split(/ |(?<=[a-z])\+(?=.)/)
    .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}

function nameOf(event: KeyboardEvent): string {
  if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return "";
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  const isLetter = /^[a-z]$/.test(key) || key.length > 1;
  return [
    event.metaKey || event.ctrlKey ? "mod+" : "",
    event.altKey ? "alt+" : "",
    event.shiftKey && isLetter ? "shift+" : "",
    key,
  ].join("");
}

/** Whether a key is for what has the focus: for a text, a window in front of the page, a button that is pressed. */
export function belongsElsewhere(event: KeyboardEvent, pressed: string): boolean {
  if (pressed.includes("mod+")) return false;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest('[role="dialog"], [role="menu"]')) return true;
  if ((pressed === "enter" || pressed === "space") && target?.closest("a, button, summary")) return true;
  return isTyping(event) && pressed !== "escape";
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:input|textarea|select)$/i.test(target.tagName)) &&
    target.getAttribute("type") !== "checkbox"
  );
}
