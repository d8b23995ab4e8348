/** What is asked of the player by keys and buttons alike: dialogs, the filter, the link. */

import { create } from "zustand";

import type { Which } from "@/player/load";
import { addressOf } from "@/player/model/moves";
import { usePlayer } from "@/player/state";

type Window = "fork" | "replay" | "rename";

interface Deeds {
  dialog: Window | null;
  /** What was just done, told for a moment. */
  told: string;
  open: (dialog: Window) => void;
  close: () => void;
  /** Have the filter ask for words. */
  find: () => void;
  finds: number;
  copy: (which: Which) => void;
}

const MOMENT = 1_800;

export const useDeeds = create<Deeds>((set) => ({
  dialog: null,
  told: "",
  finds: 0,
  open: (dialog) => set({ dialog }),
  close: () => set({ dialog: null }),
  find: () => set((state) => ({ finds: state.finds + 1 })),
  copy: (which) => {
    void navigator.clipboard.writeText(linkTo(which)).then(
      () => set({ told: "The link is copied" }),
      () => set({ told: "The browser does not let this page copy" }),
    );
    setTimeout(() => set({ told: "" }), MOMENT);
  },
}));

/** The address of the place where the player stands. */
function linkTo({ project }: Which): string {
  const link = new URL(location.href);
  const { recording, cursor, selected } = usePlayer.getState();
  if (project) link.searchParams.set("project", project);
  if (recording) link.searchParams.set("at", String(addressOf(recording, { cursor, selected })));
  link.searchParams.delete("span");
  return link.href;
}
