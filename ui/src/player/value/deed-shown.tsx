/** What a tool was told to do: a list to tick off, a command, an edit of a file. */

import { Circle, CircleCheck, CircleDot } from "lucide-react";

import { type Deed, linesOf, type Todo } from "@/player/value/deed";
import { Diff } from "@/player/value/diff";

export function DeedShown({ deed }: { deed: Deed }) {
  switch (deed.type) {
    case "todos":
      return (
        <ul className="flex flex-col gap-0.5">
          {deed.todos.map((todo, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same may be to do twice
            <ToDo key={place} todo={todo} />
          ))}
        </ul>
      );
    case "command":
      return (
        <div>
          {deed.note && <p className="mb-1 text-sm text-ink-soft">{deed.note}</p>}
          <pre className="rounded-md bg-sunken px-2 py-1 font-mono text-sm break-words whitespace-pre-wrap">
            <span aria-hidden className="text-ink-faint select-none">
              ${" "}
            </span>
            {deed.command}
          </pre>
        </div>
      );
    case "edits":
      return (
        <div className="flex flex-col gap-1.5">
          <p className="truncate font-mono text-sm text-ink-soft">{deed.path}</p>
          {deed.edits.map((edit, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the edits of a call never change their order
            <Diff key={place} text={linesOf(edit)} />
          ))}
        </div>
      );
    case "patch":
      return <Diff text={deed.patch} />;
  }
}

const STATUSES = {
  completed: { glyph: CircleCheck, label: "done", tone: "text-good", look: "text-ink-faint line-through" },
  in_progress: { glyph: CircleDot, label: "in progress", tone: "text-running", look: "font-medium" },
} as const;
const PENDING = { glyph: Circle, tone: "text-ink-faint", look: "" } as const;

function ToDo({ todo: { text, status } }: { todo: Todo }) {
  const known = STATUSES[status as keyof typeof STATUSES];
  const { glyph: Glyph, tone, look } = known ?? PENDING;
  return (
    <li className="flex items-start gap-1.5">
      <Glyph role="img" aria-label={known?.label ?? status} className={`mt-0.5 size-3.5 shrink-0 ${tone}`} />
      <span className={`min-w-0 break-words ${look}`}>{text}</span>
    </li>
  );
}
