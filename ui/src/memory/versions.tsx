/** The life of a record: every version, the newest first, with what each changed. */

import type { ToldRecord } from "@/api/types";
import { type Piece, wordsOf } from "@/compare/words";
import { ago, moment } from "@/design/format";
import type { Change } from "@/memory/place";

interface Props {
  /** The newest first. */
  versions: readonly ToldRecord[];
  hasMore: boolean;
  /** The one that is shown above. */
  shown: ToldRecord | undefined;
  change: (changed: Change) => unknown;
}

export function Versions({ versions, hasMore, shown, change }: Props) {
  return (
    <section aria-labelledby="versions" className="mt-6">
      <h3 id="versions" className="mb-2 font-medium">
        {versions.length === 1 && !hasMore ? "One version" : "All versions, the newest first"}
      </h3>
      <ol className="border-l-2">
        {versions.map((one, place) => (
          <li
            key={one.version}
            aria-current={one === shown ? "step" : undefined}
            className="relative py-1.5 pl-4 before:absolute before:top-3.5 before:-left-[5px] before:size-2 before:rounded-full before:bg-line-strong aria-[current]:before:bg-accent"
          >
            <p className="flex flex-wrap items-baseline gap-x-2">
              <span className="font-medium tabular-nums">Version {one.version}</span>
              <time
                dateTime={moment(one.changed).toISOString()}
                title={moment(one.changed).toLocaleString()}
                className="text-sm text-ink-faint"
              >
                {ago(one.changed)}
              </time>
              {one.author && <span className="text-sm text-ink-faint">by {one.author}</span>}
              {one === shown && versions.length > 1 && (
                <span className="ml-auto text-sm text-ink-faint">shown above</span>
              )}
              {one !== shown && (
                <button
                  type="button"
                  onClick={() => change({ at: place === 0 ? undefined : one.position })}
                  className="ml-auto text-sm text-accent underline underline-offset-2"
                >
                  {place === 0 ? "Back to now" : "See all as of then"}
                </button>
              )}
            </p>
            <Changed now={one} before={versions[place + 1]} isFirst={place === versions.length - 1 && !hasMore} />
          </li>
        ))}
      </ol>
      {hasMore && <p className="text-sm text-ink-faint">and older ones</p>}
    </section>
  );
}

/** What a version changed in the one before. */
function Changed(props: { now: ToldRecord; before: ToldRecord | undefined; isFirst: boolean }) {
  const { now, before, isFirst } = props;
  if (now.text === null) return <p className="text-bad">Removed</p>;
  if (!before || before.text === null)
    return <p className="line-clamp-3 break-words text-ink-soft">{isFirst || before ? now.text : "…"}</p>;
  const others = othersOf(now, before);
  if (now.text === before.text)
    return <p className="text-ink-soft">{others.join(", ") || "Written again as it was"}</p>;
  const [gone, come] = wordsOf(before.text, now.text);
  return (
    <>
      <Words pieces={gone} look="bg-bad-soft text-bad line-through" label="It said" />
      <Words pieces={come} look="bg-good/12 text-good" label="It says" />
      {others.length > 0 && <p className="text-ink-soft">{others.join(", ")}</p>}
    </>
  );
}

function Words({ pieces, look, label }: { pieces: readonly Piece[]; look: string; label: string }) {
  return (
    <p className="line-clamp-4 break-words text-ink-soft">
      <span className="sr-only">{label}: </span>
      {pieces.map(({ text, isOwn }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces never change their order
        <span key={place} className={isOwn ? look : undefined}>
          {text}
        </span>
      ))}
    </p>
  );
}

/** What changed beside the text, in words. */
export function othersOf(now: ToldRecord, before: ToldRecord): string[] {
  const told: string[] = [];
  if (now.importance !== before.importance) told.push(`importance ${before.importance} → ${now.importance}`);
  if (now.valid_until !== before.valid_until)
    told.push(now.valid_until === null ? "holds without end" : "given an end");
  if (now.valid_from !== before.valid_from) told.push("given another beginning");
  if (now.author !== before.author) told.push(`now said by ${now.author || "nobody"}`);
  for (const name of new Set([...Object.keys(before.metadata), ...Object.keys(now.metadata)])) {
    const [then, value] = [before.metadata[name], now.metadata[name]];
    if (then === value) continue;
    const spelled = (one: typeof value) => (one === undefined ? "nothing" : JSON.stringify(one));
    told.push(`${name} ${spelled(then)} → ${spelled(value)}`);
  }
  const others = now.merged.length - before.merged.length;
  if (others > 0) told.push(`took the place of ${others} ${others === 1 ? "other" : "others"}`);
  return told;
}
