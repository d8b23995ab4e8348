/** Light, dark, or as the system says. */

import { create } from "zustand";

export type Choice = "system" | "light" | "dark";

const dark = matchMedia("(prefers-color-scheme: dark)");

function stored(): Choice {
  const found = localStorage.getItem("theme");
  return found === "light" || found === "dark" ? found : "system";
}

function show(choice: Choice): void {
  const isDark = choice === "system" ? dark.matches : choice === "dark";
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

interface Theme {
  choice: Choice;
  /** Grows with each change, so that canvases know when to draw again. */
  turn: number;
  choose: (choice: Choice) => void;
}

export const useTheme = create<Theme>((set, get) => {
  dark.addEventListener("change", () => {
    show(get().choice);
    set((state) => ({ turn: state.turn + 1 }));
  });
  return {
    choice: stored(),
    turn: 0,
    choose: (choice) => {
      if (choice === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", choice);
      show(choice);
      set((state) => ({ choice, turn: state.turn + 1 }));
    },
  };
});
