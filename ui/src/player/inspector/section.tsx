/** A part of the inspector that can be closed; it stays so for the next span. */

import { ChevronDown, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { create } from "zustand";

interface Opened {
  changed: Record<string, boolean>;
  set: (title: string, isOpen: boolean) => void;
}

const useOpened = create<Opened>((set) => ({
  changed: {},
  set: (title, isOpen) => set(({ changed }) => ({ changed: { ...changed, [title]: isOpen } })),
}));

interface Props {
  title: string;
  /** What is told beside the title. */
  aside?: ReactNode;
  /** Whether it is closed until somebody opens it. */
  closed?: boolean;
  children: ReactNode;
}

export function Section({ title, aside, closed = false, children }: Props) {
  const isOpen = useOpened((state) => state.changed[title] ?? !closed);
  const set = useOpened((state) => state.set);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <section aria-label={title} className="border-b">
      <h3>
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => set(title, !isOpen)}
          className="flex h-8 w-full items-center gap-1.5 px-3 text-left hover:bg-raised"
        >
          <Chevron aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
          <span className="font-medium whitespace-nowrap">{title}</span>
          <span className="ml-auto truncate pl-3 text-sm text-ink-faint">{aside}</span>
        </button>
      </h3>
      {isOpen && <div className="px-3 pt-1 pb-3">{children}</div>}
    </section>
  );
}
