/** The glyph and the name of a kind, and the mark of a status. */

import { CircleAlert, CircleCheck, CircleDot, CircleSlash } from "lucide-react";

import { lookOf, type Tone } from "@/design/kinds";

export const TEXT: Record<Tone, string> = {
  model: "text-model",
  tool: "text-tool",
  agent: "text-agent",
  step: "text-step",
  knowledge: "text-knowledge",
  wire: "text-wire",
  check: "text-check",
  error: "text-error",
  other: "text-other",
};

export function KindGlyph({ kind, className = "size-3.5" }: { kind: string; className?: string }) {
  const look = lookOf(kind);
  return <look.glyph role="img" aria-label={look.label} className={`shrink-0 ${TEXT[look.tone]} ${className}`} />;
}

const STATUSES = {
  running: { glyph: CircleDot, label: "Running", tone: "text-running" },
  completed: { glyph: CircleCheck, label: "Completed", tone: "text-good" },
  failed: { glyph: CircleAlert, label: "Failed", tone: "text-bad" },
  interrupted: { glyph: CircleSlash, label: "Interrupted", tone: "text-warn" },
} as const;

export type SessionStatus = keyof typeof STATUSES;

/** How a session stands. */
export function StatusMark({ status, bare = false }: { status: SessionStatus; bare?: boolean }) {
  const { glyph: Glyph, label, tone } = STATUSES[status];
  return (
    <span className={`inline-flex items-center gap-1.5 ${tone}`}>
      <Glyph aria-hidden={!bare} role="img" aria-label={label} className="size-3.5 shrink-0" />
      {!bare && label}
    </span>
  );
}
