/** What a program wrote to a terminal. */

import { useMemo } from "react";

import { piecesOf } from "@/player/value/terminal";

const COLOURS = [
  "",
  "text-bad",
  "text-good",
  "text-warn",
  "text-agent",
  "text-check",
  "text-knowledge",
  "",
  "text-ink-faint",
];
const MOST = 100_000;

export function Terminal({ text }: { text: string }) {
  const pieces = useMemo(() => piecesOf(text.slice(0, MOST)), [text]);
  return (
    <pre className="overflow-x-auto rounded-md border bg-sunken px-3 py-2 font-mono text-sm">
      {pieces.map((piece, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never change their order
          key={index}
          className={`${piece.colour === null ? "" : (COLOURS[piece.colour > 8 ? piece.colour - 8 : piece.colour] ?? "")} ${piece.isBold ? "font-semibold" : ""}`}
        >
          {piece.text}
        </span>
      ))}
      {text.length > MOST && <span className="text-ink-faint"> … shown whole as text</span>}
    </pre>
  );
}
