/** What can be done with the sessions that are chosen, or with the one the cursor is on. */

import { useNavigate } from "@tanstack/react-router";
import { Download, GitCompareArrows, Tag, Trash2, X } from "lucide-react";
import { type RefObject, useState } from "react";

import type { Session } from "@/api/types";
import { useShortcuts } from "@/app/shortcuts";
import { Button } from "@/design/button";
import { Dialog } from "@/design/dialog";
import { count } from "@/design/format";
import { Keys } from "@/design/keys";
import { type Chosen, keyOf } from "@/sessions/chosen";
import { DeleteDialog } from "@/sessions/delete";
import { downloadTape } from "@/sessions/export";
import { Failures } from "@/sessions/failures";
import { LabelDialog } from "@/sessions/label";
import type { Changes } from "@/sessions/list";
import { each, type Progress } from "@/sessions/several";

interface Props {
  chosen: Chosen;
  choose: (chosen: Chosen) => void;
  here: RefObject<Session | undefined>;
  onChange: (changes: Changes) => void;
}

export function Actions({ chosen, choose, here, onChange }: Props) {
  const [asked, setAsked] = useState<{ what: "delete" | "label"; sessions: readonly Session[] } | null>(null);
  const [progress, setProgress] = useState<Progress | null>(null);
  const navigate = useNavigate();

  const meant = () => (chosen.size ? [...chosen.values()] : here.current ? [here.current] : []);
  const ask = (what: "delete" | "label") => {
    const sessions = meant();
    if (sessions.length) setAsked({ what, sessions });
  };
  const save = async () => {
    const { failed } = await each(meant(), downloadTape, setProgress);
    if (!failed.length) setProgress(null);
  };
  const pair = comparable(chosen);
  const compare = () => {
    if (!pair) return;
    const [before, after] = pair;
    void navigate({ to: "/compare", search: { project: before.project, before: before.id, after: after.id } });
  };
  const clear = () => choose(new Map());
  useShortcuts([
    { keys: "l", does: "Label", group: "Chosen sessions", run: () => ask("label") },
    { keys: "e", does: "Export as tapes", group: "Chosen sessions", run: () => void save() },
    ...(pair ? [{ keys: "c", does: "Compare the two", group: "Chosen sessions", run: compare }] : []),
    { keys: "delete", does: "Delete", group: "Chosen sessions", run: () => ask("delete") },
    { keys: "#", does: "Delete", group: "Chosen sessions", run: () => ask("delete") },
    { keys: "escape", does: "Choose none", group: "Chosen sessions", run: clear },
  ]);

  return (
    <>
      {chosen.size > 0 && (
        <section
          aria-label="Chosen sessions"
          className="absolute bottom-4 left-1/2 z-20 flex max-w-[calc(100%-1rem)] -translate-x-1/2 items-center gap-1 overflow-x-auto rounded-lg border bg-panel p-1.5 shadow-raised"
        >
          <span aria-live="polite" className="px-2 whitespace-nowrap tabular-nums">
            {count(chosen.size)} chosen
          </span>
          <Action label="Label" keys="l" run={() => ask("label")} glyph={Tag} />
          <Action label="Export" keys="e" run={() => void save()} glyph={Download} />
          {pair && <Action label="Compare" keys="c" run={compare} glyph={GitCompareArrows} />}
          <Action label="Delete" keys="#" run={() => ask("delete")} glyph={Trash2} />
          <Button look="bare" aria-label="Choose none" onClick={clear}>
            <X aria-hidden className="size-3.5" />
          </Button>
        </section>
      )}
      {asked?.what === "delete" && (
        <DeleteDialog
          sessions={asked.sessions}
          close={() => setAsked(null)}
          onGone={(gone) => onChange(new Map(gone.map((session) => [keyOf(session), null])))}
        />
      )}
      {asked?.what === "label" && (
        <LabelDialog
          sessions={asked.sessions}
          close={() => setAsked(null)}
          onTold={(told) => onChange(new Map(told.map((session) => [keyOf(session), session])))}
        />
      )}
      {progress && (
        <Dialog title="Exporting" isOpen close={() => setProgress(null)}>
          <div className="p-4">
            <Failures progress={progress} />
          </div>
        </Dialog>
      )}
    </>
  );
}

interface ActionProps {
  label: string;
  keys: string;
  run: () => void;
  glyph: typeof Tag;
}

function Action({ label, keys, run, glyph: Glyph }: ActionProps) {
  return (
    <Button look="bare" onClick={run}>
      <Glyph aria-hidden className="size-3.5" />
      {label}
      <span className="max-sm:hidden">
        <Keys keys={keys} />
      </span>
    </Button>
  );
}

/** The two that are chosen, the older one first, if they are two of one project. */
function comparable(chosen: Chosen): [Session, Session] | null {
  const [one, other, ...more] = chosen.values();
  if (!one || !other || more.length || one.project !== other.project) return null;
  return BigInt(one.started) <= BigInt(other.started) ? [one, other] : [other, one];
}
