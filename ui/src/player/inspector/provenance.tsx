/** Leads a text that was selected back to where it came from. */

import { useQuery } from "@tanstack/react-query";
import { MapPin, X } from "lucide-react";
import { type RefObject, useEffect, useState } from "react";

import { get } from "@/api/client";
import type { Provenance as Found } from "@/api/types";
import { Button } from "@/design/button";
import type { SpanName } from "@/player/inspector/ask";
import { roleLook } from "@/player/inspector/message";
import { indexOf } from "@/player/model/recording";
import { usePlayer } from "@/player/state";

const SHORTEST = 3;
const LONGEST = 2_000;

export function Provenance({ within, span }: { within: RefObject<HTMLElement | null>; span: SpanName }) {
  const selected = useSelected(within);
  const [asked, ask] = useState<{ text: string; span: SpanName } | null>(null);
  const found = useQuery({
    queryKey: ["provenance", asked?.span.project, asked?.span.path, asked?.text],
    queryFn: ({ signal }) =>
      get<Found | null>(`${asked?.span.path}/provenance`, { project: asked?.span.project, text: asked?.text }, signal),
    enabled: asked !== null,
  });
  if (!asked && !selected) return null;
  const text = asked?.text ?? selected;
  return (
    <div
      role="status"
      className="sticky bottom-0 z-10 flex items-center gap-2 border-t bg-panel px-3 py-2 shadow-raised"
    >
      <MapPin aria-hidden className="size-4 shrink-0 text-accent" />
      <span className="min-w-0 grow truncate">
        <q className="text-ink-soft">{text}</q>{" "}
        {asked && <Told pending={found.isPending} error={found.error} found={found.data} />}
      </span>
      {!asked && (
        // The press would end the selection before the click comes.
        <Button onMouseDown={(event) => event.preventDefault()} onClick={() => ask({ text: selected, span })}>
          Where does it come from?
        </Button>
      )}
      {asked && found.data && <Go found={found.data} />}
      {asked && (
        <Button look="bare" aria-label="Close" onClick={() => ask(null)}>
          <X aria-hidden className="size-4" />
        </Button>
      )}
    </div>
  );
}

function Told({ pending, error, found }: { pending: boolean; error: Error | null; found: Found | null | undefined }) {
  if (pending) return "is looked for";
  if (error) return <span className="text-bad">{error.message}</span>;
  if (!found) return "stands nowhere in this session before here";
  const { where, role, span, is_earliest } = found;
  const place = {
    message: `in a message (${roleLook(role ?? "").label})`,
    request: "in what was asked",
    answer: "in what came back",
    span: "",
  }[where];
  return `stands ${is_earliest ? "first" : "already"} at step ${span.seq}, ${span.name}, ${place}`;
}

function Go({ found }: { found: Found }) {
  const recording = usePlayer((state) => state.recording);
  const index = recording ? indexOf(recording, found.span.span_id) : -1;
  if (index < 0) return null;
  return <Button onClick={() => usePlayer.getState().select(index)}>Go to step {index + 1}</Button>;
}

/** What is selected within an element. */
function useSelected(within: RefObject<HTMLElement | null>): string {
  const [text, setText] = useState("");
  useEffect(() => {
    const look = () => {
      const selection = getSelection();
      const told = selection?.toString().trim() ?? "";
      const isInside = selection?.anchorNode != null && within.current?.contains(selection.anchorNode) === true;
      setText(isInside && told.length >= SHORTEST && told.length <= LONGEST ? told : "");
    };
    document.addEventListener("selectionchange", look);
    return () => document.removeEventListener("selectionchange", look);
  }, [within]);
  return text;
}
