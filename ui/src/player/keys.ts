/** What can be pressed in the player. */

import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import { useShortcuts } from "@/app/shortcuts";
import { useDeeds } from "@/player/deeds";
import type { Which } from "@/player/load";
import { usePlayer } from "@/player/state";
import { VIEWS } from "@/player/views/names";

const MOVE = "Move in the session";
const SHOW = "Show";
const DO = "Do";

const player = usePlayer.getState;

export function useKeys(which: Which): void {
  const navigate = useNavigate({ from: "/sessions/$session" });
  const shortcuts = useMemo(() => {
    const key = (keys: string, does: string, group: string, run: () => void) => ({ keys, does, group, run });
    return [
      key("space", "Play or pause", MOVE, () => player().play(!player().isPlaying)),
      key("j", "Next span", MOVE, () => player().go("span", 1)),
      key("k", "Last span", MOVE, () => player().go("span", -1)),
      key("arrowdown", "Next span", MOVE, () => player().go("span", 1)),
      key("arrowup", "Last span", MOVE, () => player().go("span", -1)),
      key("arrowright", "To the next moment something happens", MOVE, () => player().tick(1)),
      key("arrowleft", "To the last moment something happened", MOVE, () => player().tick(-1)),
      key("]", "Next call", MOVE, () => player().go("call", 1)),
      key("[", "Last call", MOVE, () => player().go("call", -1)),
      key("d", "Next model call", MOVE, () => player().go("decision", 1)),
      key("shift+d", "Last model call", MOVE, () => player().go("decision", -1)),
      key("e", "Next error", MOVE, () => player().go("error", 1)),
      key("shift+e", "Last error", MOVE, () => player().go("error", -1)),
      key("m", "Next checkpoint", MOVE, () => player().go("checkpoint", 1)),
      key("shift+m", "Last checkpoint", MOVE, () => player().go("checkpoint", -1)),
      key("s", "Next snapshot", MOVE, () => player().go("snapshot", 1)),
      key("shift+s", "Last snapshot", MOVE, () => player().go("snapshot", -1)),
      key("v", "Next place where the last replay parted", MOVE, () => player().go("divergence", 1)),
      key("shift+v", "Last place where the last replay parted", MOVE, () => player().go("divergence", -1)),
      key("+", "Zoom in", SHOW, () => player().zoom(1 / 1.6)),
      key("=", "Zoom in", SHOW, () => player().zoom(1 / 1.6)),
      key("-", "Zoom out", SHOW, () => player().zoom(1.6)),
      key("0", "Show all of it", SHOW, () => player().fit()),
      ...VIEWS.map(({ name, label }, number) =>
        key(
          String(number + 1),
          label,
          SHOW,
          () => void navigate({ search: (before) => ({ ...before, view: name }), replace: true }),
        ),
      ),
      key("/", "Filter the spans", SHOW, () => useDeeds.getState().find()),
      key("f", "Fork here", DO, () => useDeeds.getState().open("fork")),
      key("r", "Replay", DO, () => useDeeds.getState().open("replay")),
      key("n", "Rename the session", DO, () => useDeeds.getState().open("rename")),
      key("c", "Copy the link to this place", DO, () => useDeeds.getState().copy(which)),
    ];
  }, [navigate, which]);
  useShortcuts(shortcuts);
}
