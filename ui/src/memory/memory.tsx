/** Memory: what agents remember, found by words and meaning, now or as it was at any moment. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { Info } from "lucide-react";
import { useState } from "react";

import type { CollectionStatistics, ToldRecord } from "@/api/types";
import { useProject } from "@/app/project";
import { useNarrow } from "@/design/narrow";
import { Failed, Loading, Quiet } from "@/design/quiet";
import { MOST_CHANGES, type Shown, stampOf, useChanges, useCollections, useShown } from "@/memory/asking";
import { Begin } from "@/memory/begin";
import { Collections } from "@/memory/collections";
import { EndDialog } from "@/memory/end";
import { Hits } from "@/memory/hits";
import { Moment } from "@/memory/moment";
import { addressOf, type Change, type Collection, chosenOf, isSame, type Place, placeOf } from "@/memory/place";
import { Question } from "@/memory/question";
import { RecordShown } from "@/memory/record";

export function Memory() {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const project = useProject();
  const known = useCollections(project);
  if (known.isPending) return <Loading what="Looking for what is remembered" />;
  if (!known.data) return <Failed error={known.error} retry={() => void known.refetch()} />;
  const place = placeOf(search);
  const chosen = chosenOf(known.data.items, place.named, project);
  if (!chosen || known.data.items.length === 0) return <Begin project={project} />;
  return <Shelf known={known.data.items} chosen={chosen} place={place} project={project} />;
}

interface ShelfProps {
  known: readonly CollectionStatistics[];
  chosen: Collection;
  place: Place;
  project: string | undefined;
}

function Shelf({ known, chosen, place, project }: ShelfProps) {
  const navigate = useNavigate();
  const isNarrow = useNarrow();
  const stamp = stampOf(known.find((one) => isSame(one, chosen)));
  // Who goes through time comes back in one step.
  const change = (changed: Change, replace = false) =>
    navigate({
      replace,
      to: "/memory",
      search: (before) => ({ ...before, ...addressOf(chosen), ...changed }),
    });
  const isOpen = place.record !== null;
  const [ending, setEnding] = useState<ToldRecord | null>(null);
  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)] md:grid-cols-[14rem_minmax(0,1fr)] md:grid-rows-[minmax(0,1fr)]">
      <Collections known={known} chosen={chosen} project={project} />
      <div className="grid min-h-0 grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)]">
        <Head chosen={chosen} place={place} stamp={stamp} change={change} />
        <div
          className={`grid min-h-0 grid-cols-[minmax(0,1fr)] ${isOpen && !isNarrow ? "sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]" : ""}`}
        >
          {!(isOpen && isNarrow) && <Records chosen={chosen} place={place} stamp={stamp} change={change} />}
          {place.record !== null && (
            <div className="min-h-0 bg-panel sm:border-l">
              <RecordShown
                key={`${chosen.owner} ${chosen.collection} ${place.record}`}
                whose={chosen}
                id={place.record}
                at={place.at}
                stamp={stamp}
                change={change}
                end={setEnding}
              />
            </div>
          )}
        </div>
      </div>
      {ending && (
        <EndDialog
          whose={chosen}
          record={ending}
          close={() => setEnding(null)}
          onGone={() => change({ record: undefined })}
        />
      )}
    </div>
  );
}

interface PartProps {
  chosen: Collection;
  place: Place;
  stamp: string;
  change: (changed: Change, replace?: boolean) => unknown;
}

function Head({ chosen, place, stamp, change }: PartProps) {
  const log = useChanges(chosen, stamp);
  return (
    <header className="flex flex-col gap-2 border-b px-3 py-2">
      <h1 className="sr-only">
        Memory: {chosen.collection} of {chosen.owner || chosen.project}
      </h1>
      <Question place={place} change={change} />
      {log.error ? (
        <p role="alert" className="text-bad">
          {log.error.message}
        </p>
      ) : (
        <Moment
          changes={log.data?.items ?? []}
          hasMore={(log.data?.items.length ?? 0) === MOST_CHANGES && log.data?.next != null}
          at={place.at}
          project={chosen.project}
          go={(at) => change({ at }, true)}
        />
      )}
    </header>
  );
}

function Records({ chosen, place, stamp, change }: PartProps) {
  const shown = useShown(chosen, place, stamp);
  if (shown.isPending) return <Loading what={place.text ? "Searching" : "Reading what is remembered"} />;
  if (!shown.data) return <Failed error={shown.error} retry={() => void shown.refetch()} />;
  const items = shown.data.pages.flatMap((page) => page.items);
  const [{ by, note } = { by: null, note: "" }] = shown.data.pages;
  const pick = ({ record: { id, collection, owner } }: Shown) =>
    change({ ...addressOf({ project: chosen.project, collection, owner }), record: id });
  return (
    <div
      aria-busy={shown.isPlaceholderData}
      className={`grid min-h-0 min-w-0 grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)] ${shown.isPlaceholderData ? "opacity-50" : ""}`}
    >
      <p
        className={`flex items-start gap-2 border-b px-4 py-1.5 text-sm text-ink-soft empty:hidden ${note ? "" : "hidden"}`}
      >
        <Info aria-hidden className="mt-px size-3.5 shrink-0" />
        <span>
          By {by === "both" ? "words and meaning" : by}: {note}
        </span>
      </p>
      {items.length > 0 ? (
        <Hits
          items={items}
          whose={chosen}
          open={place.record}
          pick={pick}
          hasMore={shown.hasNextPage}
          isLoading={shown.isFetchingNextPage}
          more={() => void shown.fetchNextPage()}
        />
      ) : (
        <Quiet title={place.text ? "Nothing that is remembered answers" : "Nothing was held"}>
          {place.text && place.by === "words" && <p>Any of the words may stand there; ship* finds beginnings.</p>}
        </Quiet>
      )}
    </div>
  );
}
