/** One session in the list. */

// biome-ignore-all lint/a11y/useSemanticElements: a grid that draws only what is seen cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and tells which of its rows is meant

import { Link } from "@tanstack/react-router";
import { GitFork } from "lucide-react";
import { memo } from "react";

import type { Session } from "@/api/types";
import { StatusMark } from "@/design/kind";
import type { ColumnId } from "@/sessions/asked";
import { COLUMNS } from "@/sessions/columns";

interface Props {
  session: Session | undefined;
  index: number;
  top: number;
  height: number;
  columns: readonly ColumnId[];
  tracks: string;
  isHere: boolean;
  isChosen: boolean;
  onClick: (index: number, event: React.MouseEvent) => void;
  onChoose: (index: number, isRange: boolean) => void;
}

export const rowId = (index: number) => `session-row-${index}`;

export const SessionRow = memo(function SessionRow(props: Props) {
  const { session, index, top, height, columns, tracks, isHere, isChosen, onClick, onChoose } = props;
  return (
    // The grid has the focus, and its keys do what a click does.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      role="row"
      id={rowId(index)}
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      onClick={(event) => onClick(index, event)}
      style={{ transform: `translateY(${top}px)`, height, gridTemplateColumns: tracks }}
      className={`group absolute top-0 left-0 grid w-full cursor-pointer items-center gap-2 border-b px-3 whitespace-nowrap ${
        isChosen ? "bg-accent-soft" : isHere ? "bg-raised" : "hover:bg-raised"
      } ${isHere ? "shadow-[inset_2px_0_0_var(--accent)]" : ""}`}
    >
      <div role="gridcell" className="grid">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={session ? `Choose ${session.name || session.id}` : "Not read yet"}
          checked={isChosen}
          disabled={!session}
          onClick={(event) => {
            event.stopPropagation();
            onChoose(index, event.shiftKey);
          }}
          onChange={() => undefined}
          className={`size-3.5 accent-(--accent) ${isChosen || isHere ? "" : "opacity-0 group-hover:opacity-100"}`}
        />
      </div>
      {session ? (
        columns.map((id) => (
          <div
            key={id}
            role="gridcell"
            className={`min-w-0 truncate ${COLUMNS[id].isNumber ? "pr-2 text-right tabular-nums" : ""}`}
          >
            {id === "name" ? <Name session={session} /> : COLUMNS[id].show(session)}
          </div>
        ))
      ) : (
        <div role="gridcell" className="h-2.5 w-40 rounded-sm bg-raised" />
      )}
    </div>
  );
});

function Name({ session }: { session: Session }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <StatusMark status={session.status} bare />
      <Link
        to="/sessions/$session"
        params={{ session: session.id }}
        search={{ project: session.project }}
        tabIndex={-1}
        onClick={(event) => event.stopPropagation()}
        className="truncate text-ink hover:underline"
        title={session.name || session.id}
      >
        {session.name || <span className="font-mono text-sm text-ink-soft">{session.id}</span>}
      </Link>
      {session.origin && (
        <GitFork role="img" aria-label={`Forked at ${session.origin.seq}`} className="size-3 shrink-0 text-ink-faint" />
      )}
    </span>
  );
}
