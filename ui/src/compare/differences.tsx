/** What differs between two values: each place with what stood there before and what stands there after. */

import { useMemo } from "react";

import { type Piece, wordsOf } from "@/compare/words";

interface Props {
  /** Of what: the request, the answer. */
  title: string;
  items: readonly Record<string, unknown>[];
}

export function Differences({ title, items }: Props) {
  if (items.length === 0) return null;
  return (
    <section className="mb-5">
      <h3 className="mb-1.5 font-medium">{title}</h3>
      <ul className="space-y-2">
        {items.map((item) => (
          <Difference key={String(item.path)} item={item} />
        ))}
      </ul>
    </section>
  );
}

function Difference({ item }: { item: Record<string, unknown> }) {
  const { path, expected, got } = item;
  const [before, after] = useMemo(
    () => (expected === undefined || got === undefined ? [null, null] : wordsOf(text(expected), text(got))),
    [expected, got],
  );
  return (
    <li className="overflow-hidden rounded-md border bg-panel">
      <p className="border-b bg-raised px-2.5 py-1 font-mono text-sm break-all">{String(path)}</p>
      <Side name="Before" sign="−" value={expected} pieces={before} mark="bg-bad-soft text-bad line-through" />
      <Side name="After" sign="+" value={got} pieces={after} mark="bg-accent-soft text-accent" />
    </li>
  );
}

interface SideProps {
  name: string;
  sign: string;
  value: unknown;
  pieces: Piece[] | null;
  mark: string;
}

function Side({ name, sign, value, pieces, mark }: SideProps) {
  return (
    <div className="flex gap-2 px-2.5 py-1.5 not-last:border-b">
      <span role="img" aria-label={name} title={name} className="w-3 shrink-0 font-mono text-ink-faint">
        {sign}
      </span>
      {value === undefined ? (
        <span className="text-ink-faint">nothing</span>
      ) : (
        <pre className="max-h-72 grow overflow-auto font-mono text-sm break-words whitespace-pre-wrap">
          {(pieces ?? [{ text: text(value), isOwn: false }]).map((piece, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never change their order
            <span key={place} className={piece.isOwn ? mark : ""}>
              {piece.text}
            </span>
          ))}
        </pre>
      )}
    </div>
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
