/** JSON that can be opened and closed. Long lists are told in stretches, long texts in part. */

import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { grouped } from "@/design/format";

const AT_ONCE = 50;
const LONG = 400;
const OPEN_TO = 2;
const FEW = 12;

export function JsonTree({ value }: { value: unknown }) {
  return (
    <div className="overflow-x-auto font-mono text-sm">
      <Item value={value} depth={0} />
    </div>
  );
}

function Item({ name, value, depth }: { name?: string; value: unknown; depth: number }) {
  const isNested = typeof value === "object" && value !== null;
  const entries = isNested ? Object.entries(value) : [];
  const [isOpen, setOpen] = useState(depth === 0 || (depth < OPEN_TO && entries.length <= FEW));
  const [shown, setShown] = useState(AT_ONCE);
  const label = name === undefined ? null : <span className="text-knowledge">{name}: </span>;
  if (!isNested || entries.length === 0) {
    return (
      <div className="pl-4 break-words whitespace-pre-wrap">
        {label}
        <Leaf value={value} />
      </div>
    );
  }
  const isList = Array.isArray(value);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <div>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex max-w-full items-center rounded-sm text-left hover:bg-raised"
      >
        <Chevron aria-hidden className="mr-0.5 size-3.5 shrink-0 text-ink-faint" />
        {label}
        <span className="truncate text-ink-faint">
          {isList
            ? `[${entries.length}]`
            : isOpen
              ? "{"
              : `{ ${Object.keys(value).slice(0, 6).join(", ")}${entries.length > 6 ? ", …" : ""} }`}
        </span>
      </button>
      {isOpen && (
        <div className="ml-[7px] border-l pl-2">
          {entries.slice(0, shown).map(([key, item]) => (
            <Item key={key} name={key} value={item} depth={depth + 1} />
          ))}
          {entries.length > shown && (
            <button type="button" onClick={() => setShown(shown * 4)} className="pl-4 text-accent hover:underline">
              {entries.length - shown} more
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Leaf({ value }: { value: unknown }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value === "string") {
    const isCut = value.length > LONG && !isWhole;
    return (
      <span className="text-good">
        "{isCut ? value.slice(0, LONG) : value}"
        {isCut && (
          <button type="button" onClick={() => setWhole(true)} className="ml-1 text-accent hover:underline">
            {grouped(value.length - LONG)} characters more
          </button>
        )}
      </span>
    );
  }
  if (value === null) return <span className="text-ink-faint">null</span>;
  if (typeof value === "object") return <span className="text-ink-faint">{Array.isArray(value) ? "[]" : "{}"}</span>;
  return <span className="text-tool">{String(value)}</span>;
}
