/** The keys of the list of sessions. */

import { type Shortcut, useShortcuts } from "@/app/shortcuts";

interface Moves {
  go: (step: number, isStretching?: boolean) => void;
  goTo: (index: number | "end") => void;
  /** How many rows are seen at once. */
  page: number;
  open: (isApart: boolean) => void;
  toggle: () => void;
  chooseAll: () => void;
}

export function useTableKeys({ go, goTo, page, open, toggle, chooseAll }: Moves): void {
  const key = (keys: string, does: string, run: () => void): Shortcut => ({ keys, does, group: "Sessions", run });
  useShortcuts([
    key("j", "Next session", () => go(1)),
    key("k", "Previous session", () => go(-1)),
    key("arrowdown", "Next session", () => go(1)),
    key("arrowup", "Previous session", () => go(-1)),
    key("pagedown", "A page on", () => go(page)),
    key("pageup", "A page back", () => go(-page)),
    key("home", "First session", () => goTo(0)),
    key("end", "Last session that was read", () => goTo("end")),
    key("enter", "Open the session", () => open(false)),
    key("o", "Open the session in a new tab", () => open(true)),
    key("x", "Choose the session", toggle),
    key("shift+j", "Choose the next one too", () => go(1, true)),
    key("shift+k", "Choose the previous one too", () => go(-1, true)),
    key("shift+arrowdown", "Choose the next one too", () => go(1, true)),
    key("shift+arrowup", "Choose the previous one too", () => go(-1, true)),
    key("mod+a", "Choose all that are read", chooseAll),
  ]);
}
