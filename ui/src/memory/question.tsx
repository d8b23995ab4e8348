/** What is looked for in a collection, and by what. */

import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { useShortcuts } from "@/app/shortcuts";
import { Check } from "@/design/check";
import { Keys } from "@/design/keys";
import { type Change, type Place, WAYS } from "@/memory/place";

export function Question({ place, change }: { place: Place; change: (changed: Change) => void }) {
  const [text, setText] = useState(place.text);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(place.text), [place.text]);
  useShortcuts([{ keys: "/", does: "Search what is remembered", group: "Memory", run: () => input.current?.select() }]);
  const ask = (asked: string) => change({ q: asked.trim() || undefined, record: undefined });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <search className="min-w-56 grow">
        <form
          className="flex h-8 items-center gap-2 rounded-md border bg-panel px-2 focus-within:border-accent"
          onSubmit={(event) => {
            event.preventDefault();
            ask(text);
            input.current?.blur();
          }}
        >
          <Search aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
          <input
            ref={input}
            aria-label="Search what is remembered"
            autoComplete="off"
            value={text}
            placeholder="What is remembered of…"
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              event.stopPropagation();
              event.currentTarget.blur();
            }}
            className="h-full min-w-0 grow bg-transparent outline-none placeholder:text-ink-faint"
          />
          {text ? (
            <button
              type="button"
              aria-label="Look for nothing"
              onClick={() => {
                setText("");
                ask("");
              }}
              className="grid size-6 place-items-center rounded-md text-ink-faint hover:bg-raised hover:text-ink"
            >
              <X aria-hidden className="size-3.5" />
            </button>
          ) : (
            <span className="hidden md:block">
              <Keys keys="/" />
            </span>
          )}
        </form>
      </search>
      <fieldset className="flex overflow-hidden rounded-md border">
        <legend className="sr-only">What counts</legend>
        {WAYS.map(({ by, label, about }) => (
          <button
            key={by}
            type="button"
            title={about}
            aria-pressed={place.by === by}
            onClick={() => change({ by: by === "both" ? undefined : by })}
            className="h-7 border-l px-2.5 text-ink-soft first:border-l-0 hover:bg-raised aria-pressed:bg-accent-soft aria-pressed:text-ink"
          >
            {label}
          </button>
        ))}
      </fieldset>
      <Check
        label="In all collections"
        isOn={place.isEverywhere}
        turn={(isOn) => change({ everywhere: isOn ? 1 : undefined })}
      />
      <Check
        label="What holds no longer too"
        isOn={place.hasExpired}
        turn={(isOn) => change({ expired: isOn ? 1 : undefined })}
      />
    </div>
  );
}
