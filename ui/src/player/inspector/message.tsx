/** A message as it is read: who speaks, and what in which form. */

import { Bot, ImageOff, ScrollText, User, Wrench } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { grouped } from "@/design/format";
import { JsonTree } from "@/player/value/json-tree";
import { type Part, saidIn, sizeOf } from "@/player/value/parts";
import { Value } from "@/player/value/value";

const ROLES = {
  system: { label: "System", glyph: ScrollText, tone: "text-step", bar: "bg-step" },
  developer: { label: "Developer", glyph: ScrollText, tone: "text-step", bar: "bg-step" },
  user: { label: "User", glyph: User, tone: "text-check", bar: "bg-check" },
  assistant: { label: "Model", glyph: Bot, tone: "text-model", bar: "bg-model" },
  model: { label: "Model", glyph: Bot, tone: "text-model", bar: "bg-model" },
  tool: { label: "Tool result", glyph: Wrench, tone: "text-tool", bar: "bg-tool" },
} as const;

const OTHERS = { image: "Images", "tools offered": "Tools offered" } as const;

export function roleLook(role: string) {
  const known = ROLES[role as keyof typeof ROLES];
  return (
    known ?? {
      label: OTHERS[role as keyof typeof OTHERS] ?? (role || "Message"),
      glyph: ScrollText,
      tone: "text-other",
      bar: "bg-other",
    }
  );
}

/** The role a message is shown under: that of a result, where it is nothing else. */
export function shownRole(message: unknown, role: string | null): string {
  const said = saidIn(message, role);
  return said.parts.length > 0 && said.parts.every((part) => part.type === "result") ? "tool" : said.role;
}

const TALL = 900;

interface Props {
  message: unknown;
  role: string | null;
  place?: number;
  isMissing?: boolean;
  /** What is told beside the role. */
  mark?: ReactNode;
  /** Whether a long one is shown in part until it is opened. */
  shortens?: boolean;
}

export function MessageCard({ message, role, place, isMissing = false, mark, shortens = true }: Props) {
  const said = useMemo(() => saidIn(message, role), [message, role]);
  const look = roleLook(shownRole(message, role));
  const size = useMemo(() => sizeOf(message), [message]);
  const [isWhole, setWhole] = useState(!shortens || size < TALL);
  return (
    <article className="relative min-w-0 py-2 pl-3">
      <span aria-hidden className={`absolute inset-y-1.5 left-0 w-0.5 rounded-full ${look.bar}`} />
      <header className="mb-1 flex items-center gap-1.5 text-sm">
        <look.glyph aria-hidden className={`size-3.5 shrink-0 ${look.tone}`} />
        <span className={`font-medium ${look.tone}`}>{look.label}</span>
        {mark}
        <span className="ml-auto text-xs text-ink-faint tabular-nums">
          {grouped(size)} characters{place !== undefined && ` · #${place + 1}`}
        </span>
      </header>
      {isMissing ? (
        <p className="text-ink-faint">Its content is not stored, or was deleted.</p>
      ) : (
        <div className={isWhole ? "" : "relative max-h-44 overflow-hidden"}>
          <Parts parts={said.parts} />
          {!isWhole && (
            <div className="absolute inset-x-0 bottom-0 flex h-14 items-end bg-linear-to-t from-[var(--panel)] to-transparent">
              <button type="button" onClick={() => setWhole(true)} className="text-sm text-accent hover:underline">
                Show all of it
              </button>
            </div>
          )}
        </div>
      )}
    </article>
  );
}

export function Parts({ parts }: { parts: readonly Part[] }) {
  if (parts.length === 0) return <p className="text-ink-faint">(empty)</p>;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a message never change their order
        <PartShown key={index} part={part} />
      ))}
    </div>
  );
}

function PartShown({ part }: { part: Part }) {
  switch (part.type) {
    case "text":
      return <Value value={part.text} bare isProse />;
    case "reasoning":
      return (
        <details className="rounded-md border border-dashed px-2 py-1" open={part.text.length < 400}>
          <summary className="cursor-pointer text-sm text-ink-faint">Reasoning</summary>
          <div className="pt-1 text-ink-soft">
            <Value value={part.text} bare isProse />
          </div>
        </details>
      );
    case "call":
      return (
        <div className="rounded-md border bg-sunken/60 px-2 py-1.5">
          <p className="mb-0.5 flex items-center gap-1.5 text-sm">
            <Wrench aria-hidden className="size-3.5 text-tool" />
            <span className="font-medium">{part.name || "tool"}</span>
            <span className="truncate text-xs text-ink-faint">{part.id}</span>
          </p>
          <Value value={part.arguments ?? ""} bare />
        </div>
      );
    case "result":
      return (
        <div>
          <p className="mb-0.5 text-xs text-ink-faint">
            {part.failed && <span className="mr-1 rounded-sm bg-bad-soft px-1 text-bad">failed</span>}
            {[part.name, part.id].filter(Boolean).join(" · ")}
          </p>
          <Value value={part.value} bare />
        </div>
      );
    case "image":
      return part.source ? (
        <img
          src={part.source}
          alt={`In the message (${part.label})`}
          className="max-h-72 max-w-full self-start rounded-md border"
        />
      ) : (
        <p className="flex items-center gap-1.5 text-ink-soft">
          <ImageOff aria-hidden className="size-4 shrink-0" />
          <span className="truncate">An image at {part.label}, which is not fetched</span>
        </p>
      );
    case "other":
      return <JsonTree value={part.value} />;
  }
}
