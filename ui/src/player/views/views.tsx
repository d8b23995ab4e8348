/** The views that share the cursor, one at a time. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { later } from "@/design/later";
import { Tooltip } from "@/design/tooltip";
import { useDeeds } from "@/player/deeds";
import type { Which } from "@/player/load";
import { VIEWS, type ViewName, viewOf } from "@/player/views/names";
import { Tree } from "@/player/views/tree";

const Inspector = later(async () => (await import("@/player/inspector/inspector")).Inspector);
const Conversation = later(async () => (await import("@/player/views/conversation")).Conversation);
const Flame = later(async () => (await import("@/player/views/flame")).Flame);
const Graph = later(async () => (await import("@/player/views/graph")).Graph);
const StateView = later(async () => (await import("@/player/views/state")).StateView);

export function Views({ which }: { which: Which }) {
  const { view: named } = useSearch({ from: "/sessions/$session" });
  const navigate = useNavigate({ from: "/sessions/$session" });
  const [filter, setFilter] = useState("");
  const view = viewOf(named);
  const show = (name: ViewName) => void navigate({ search: (before) => ({ ...before, view: name }), replace: true });
  return (
    <section aria-label="Views" className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)]">
      <div className="flex h-9 items-center gap-0.5 overflow-x-auto border-b px-2">
        <div role="tablist" aria-label="Views" className="flex gap-0.5">
          {VIEWS.map(({ name, label }, number) => (
            <Tooltip key={name} label={label} keys={String(number + 1)}>
              <button
                type="button"
                role="tab"
                aria-selected={view === name}
                onClick={() => show(name)}
                className="h-7 rounded-md px-2 text-ink-soft hover:text-ink aria-selected:bg-raised aria-selected:font-medium aria-selected:text-ink"
              >
                {label}
              </button>
            </Tooltip>
          ))}
        </div>
        <Filter text={filter} change={setFilter} show={() => view !== "tree" && show("tree")} />
      </div>
      <div className="min-h-0 min-w-0">
        {view === "tree" && <Tree filter={filter} which={which} />}
        {view === "flame" && <Flame />}
        {view === "conversation" && <Conversation which={which} />}
        {view === "graph" && <Graph />}
        {view === "state" && <StateView which={which} />}
        {view === "span" && <Inspector which={which} isWide />}
      </div>
    </section>
  );
}

function Filter({ text, change, show }: { text: string; change: (text: string) => void; show: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const finds = useDeeds((state) => state.finds);
  const before = useRef(finds);
  useEffect(() => {
    if (finds === before.current) return;
    before.current = finds;
    show();
    input.current?.focus();
    input.current?.select();
  }, [finds, show]);
  return (
    <label className="ml-auto flex h-7 shrink-0 items-center gap-1.5 rounded-md border px-2 text-ink-faint focus-within:border-accent">
      <Search aria-hidden className="size-3.5" />
      <span className="sr-only">Filter the spans</span>
      <input
        ref={input}
        value={text}
        placeholder="Filter"
        onChange={(event) => {
          change(event.target.value);
          show();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          change("");
          event.currentTarget.blur();
        }}
        className="w-28 min-w-0 bg-transparent text-ink outline-none placeholder:text-ink-faint"
      />
    </label>
  );
}
