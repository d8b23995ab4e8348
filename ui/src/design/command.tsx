/** A command to copy. */

import { Check, Copy } from "lucide-react";
import { useState } from "react";

const SHOWN = 1_600;

export function CommandLine({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN);
  };
  const Glyph = isCopied ? Check : Copy;
  return (
    <div className="flex items-start gap-1 rounded-md border bg-sunken">
      <pre className="min-w-0 grow px-3 py-2 font-mono text-sm break-words whitespace-pre-wrap">{text}</pre>
      <button
        type="button"
        onClick={() => void copy()}
        aria-label={isCopied ? "Copied" : `Copy: ${label}`}
        className="m-1 grid size-7 shrink-0 place-items-center rounded-md text-ink-soft hover:bg-raised hover:text-ink"
      >
        <Glyph aria-hidden className={`size-3.5 ${isCopied ? "text-good" : ""}`} />
      </button>
    </div>
  );
}
