/** A command to copy. */

import { Check, Copy } from "lucide-react";
import { type ReactNode, useState } from "react";

const SHOWN = 1_600;

/** An option is not torn apart at its hyphens; a word that is longer than the line goes on in the next. */
function wordsOf(text: string): ReactNode[] {
  return text.split(/(\s+)/).map((word, place) =>
    place % 2 ? (
      word
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the words of a command never change their order
      <span key={place} className="inline-block max-w-full break-words">
        {word}
      </span>
    ),
  );
}

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
      <pre className="min-w-0 grow px-3 py-2 font-mono text-sm break-words whitespace-pre-wrap">{wordsOf(text)}</pre>
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
