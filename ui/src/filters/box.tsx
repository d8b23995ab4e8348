/** Where a filter is typed: with completion, and with what is wrong with it told at its place. */

// biome-ignore-all lint/a11y/useSemanticElements: a <select> cannot complete what is typed
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus stays in the input, whose keys choose

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Filter, X } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";

import { ApiError, get } from "@/api/client";
import type { Completion } from "@/api/types";
import { useShortcuts } from "@/app/shortcuts";
import { Keys } from "@/design/keys";
import { completed, indexOfColumn } from "@/filters/terms";

interface Props {
  subject: "sessions" | "spans";
  project: string | undefined;
  value: string;
  apply: (filter: string) => void;
  placeholder: string;
  label: string;
  error?: Error | null;
  autoFocus?: boolean;
}

const HEIGHT = "h-8";

export function FilterBox({ subject, project, value, apply, placeholder, label, error, autoFocus = false }: Props) {
  const [text, setText] = useState(value);
  const [cursor, setCursor] = useState(value.length);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const list = useId();

  useEffect(() => setText(value), [value]);
  useShortcuts([
    {
      keys: "/",
      does: label,
      group: "Lists",
      run: () => {
        input.current?.focus();
        input.current?.select();
      },
    },
  ]);

  const before = text.slice(0, cursor);
  const completion = useQuery({
    queryKey: ["completion", subject, project, before],
    queryFn: ({ signal }) => get<Completion>("/filters/completion", { text: before, subject, project }, signal),
    enabled: isOpen,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  // Suggestions for what was typed before would be put in the wrong place.
  const isCurrent = isOpen && !completion.isPlaceholderData;
  const items = isOpen ? (completion.data?.items ?? []) : [];

  const type = (typed: string, at: number) => {
    setText(typed);
    setCursor(at);
    setChosen(-1);
  };
  const take = (place: number) => {
    const one = items[place];
    if (!one || !completion.data || !isCurrent) return;
    const start = indexOfColumn(before, completion.data.start + 1);
    const next = completed(text, start, cursor, one.text);
    type(next.text, next.cursor);
    requestAnimationFrame(() => input.current?.setSelectionRange(next.cursor, next.cursor));
  };
  const submit = (filter: string) => {
    setOpen(false);
    setChosen(-1);
    apply(filter.trim());
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (items.length) setChosen((chosen + step + items.length) % items.length);
    } else if (event.key === "Tab" && isOpen && items.length && !event.shiftKey && before.trim()) {
      event.preventDefault();
      take(Math.max(0, chosen));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (chosen >= 0) take(chosen);
      else {
        submit(text);
        input.current?.blur();
      }
    } else if (event.key === "Escape") {
      event.stopPropagation();
      event.nativeEvent.stopImmediatePropagation();
      if (isOpen && items.length) setOpen(false);
      else input.current?.blur();
    }
  };

  return (
    <div className="min-w-0 grow">
      <div
        className={`relative flex ${HEIGHT} items-center gap-2 rounded-md border bg-panel px-2 focus-within:border-accent`}
      >
        <Filter aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
        <input
          ref={input}
          role="combobox"
          aria-label={label}
          aria-expanded={items.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={chosen >= 0 ? `${list}-${chosen}` : undefined}
          aria-invalid={Boolean(error)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: only on the page whose one purpose it is
          autoFocus={autoFocus}
          value={text}
          placeholder={placeholder}
          onChange={(event) => {
            type(event.target.value, event.target.selectionStart ?? event.target.value.length);
            setOpen(true);
          }}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? text.length)}
          onClick={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
          className="h-full min-w-0 grow bg-transparent font-mono text-sm outline-none placeholder:font-sans placeholder:text-base placeholder:text-ink-faint"
        />
        {text ? (
          <button
            type="button"
            aria-label="Clear the filter"
            onClick={() => {
              type("", 0);
              submit("");
            }}
            className="grid size-6 place-items-center rounded-sm text-ink-faint hover:bg-raised hover:text-ink"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        ) : (
          <span className="hidden sm:block">
            <Keys keys="/" />
          </span>
        )}
        {items.length > 0 && (
          <div
            id={list}
            role="listbox"
            aria-label="What could stand here"
            className="absolute top-full left-0 z-30 mt-1 max-h-80 w-full max-w-xl overflow-y-auto rounded-lg border bg-panel p-1 shadow-raised"
          >
            {items.map((one, place) => (
              // The focus stays in the input, whose keys choose.
              // biome-ignore lint/a11y/useKeyWithClickEvents: see above
              <div
                key={one.text}
                id={`${list}-${place}`}
                role="option"
                aria-selected={place === chosen}
                ref={place === chosen ? reveal : undefined}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => take(place)}
                className="flex h-7 items-center gap-3 rounded-md px-2 hover:bg-raised aria-selected:bg-raised"
              >
                <span className="shrink-0 font-mono text-sm">{one.text}</span>
                <span className="truncate text-sm text-ink-faint">{one.meaning}</span>
              </div>
            ))}
          </div>
        )}
      </div>
      {error && <Problem error={error} text={value} show={(at) => focusAt(input.current, at)} />}
    </div>
  );
}

/** What is wrong with the filter, below its place. */
function Problem({ error, text, show }: { error: Error; text: string; show: (index: number) => void }) {
  const column = error instanceof ApiError ? error.column : null;
  const hint = error instanceof ApiError ? error.hint : "";
  return (
    <div role="alert" className="mt-1 px-2 text-sm">
      {column !== null && (
        <p aria-hidden className="ml-5.5 overflow-hidden font-mono leading-3 whitespace-pre text-bad">
          {" ".repeat(Math.max(0, column - 1))}^
        </p>
      )}
      <p className="text-bad">
        {error.message}
        {column !== null && (
          <button
            type="button"
            onClick={() => show(indexOfColumn(text, column))}
            className="ml-2 text-ink-soft underline underline-offset-2"
          >
            Go there
          </button>
        )}
      </p>
      {hint && <p className="text-ink-soft">{hint}</p>}
    </div>
  );
}

function focusAt(input: HTMLInputElement | null, index: number): void {
  input?.focus();
  input?.setSelectionRange(index, index);
}

function reveal(option: HTMLElement | null): void {
  option?.scrollIntoView({ block: "nearest" });
}
