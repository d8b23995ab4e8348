/** The list of sessions as a table: however many there are, only those that are seen are drawn. */

// biome-ignore-all lint/a11y/useSemanticElements: a grid that draws only what is seen cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and tells which of its rows is meant

import { useNavigate } from "@tanstack/react-router";
import { ArrowUp } from "lucide-react";
import { type Dispatch, type RefObject, type SetStateAction, useCallback, useEffect, useRef, useState } from "react";

import type { Session } from "@/api/types";
import { Button } from "@/design/button";
import { useNarrow } from "@/design/narrow";
import { Failed, Loading } from "@/design/quiet";
import type { ColumnId } from "@/sessions/asked";
import { added, type Chosen, keyOf, turned } from "@/sessions/chosen";
import { COLUMNS, NARROW, tracksOf } from "@/sessions/columns";
import { useTableKeys } from "@/sessions/keys";
import { type Changes, HEADER, type Question, useList } from "@/sessions/list";
import { Nothing } from "@/sessions/nothing";
import { rowId, SessionRow } from "@/sessions/row";

interface Props {
  question: Question;
  columns: readonly ColumnId[];
  chosen: Chosen;
  choose: Dispatch<SetStateAction<Chosen>>;
  /** The session the cursor is on. */
  here: RefObject<Session | undefined>;
  onChange: (changes: Changes) => void;
  onError: (error: Error | null) => void;
}

export function Table({ question, columns: wide, chosen, choose, here, onChange, onError }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useList(question, scroller, onChange);
  const { rows, rowAt, count } = list;
  const columns = useNarrow() ? NARROW : wide;
  const { tracks, least } = tracksOf(columns);
  const [cursor, setCursor] = useState(0);
  /** Where a stretch begins: at the session that was chosen last, or where the keys began to stretch it. */
  const anchor = useRef(0);
  const isAlong = useRef(false);
  const navigate = useNavigate();

  useEffect(() => onError(list.error), [list.error, onError]);
  useEffect(() => {
    if (cursor >= count && count > 0) setCursor(count - 1);
  }, [cursor, count]);
  useFollow(rowAt, cursor, setCursor, count);
  here.current = rowAt(cursor);

  const open = useCallback(
    (session: Session | undefined, isApart = false) => {
      if (!session) return;
      if (isApart) {
        const to = `/sessions/${encodeURIComponent(session.id)}?project=${encodeURIComponent(session.project)}`;
        window.open(to, "_blank", "noopener");
      } else {
        void navigate({
          to: "/sessions/$session",
          params: { session: session.id },
          search: { project: session.project },
        });
      }
    },
    [navigate],
  );
  const chooseBetween = async (from: number, to: number) => {
    const sessions = await list.between(Math.min(from, to), Math.max(from, to));
    choose((before) => added(before, sessions));
  };
  const stretch = (to: number) => void chooseBetween(anchor.current, to);
  const toggle = (index: number, isRange: boolean) => {
    const session = rowAt(index);
    setCursor(index);
    if (isRange) return stretch(index);
    anchor.current = index;
    if (session) choose((before) => turned(before, session));
  };
  const go = (to: number, isStretching = false) => {
    const index = Math.max(0, Math.min(count - 1, to));
    if (isStretching) {
      if (!isAlong.current) anchor.current = cursor;
      stretch(index);
    }
    isAlong.current = isStretching;
    setCursor(index);
    rows.scrollToIndex(index);
  };
  useTableKeys({
    go: (step, isStretching) => go(cursor + step, isStretching),
    goTo: (index) => go(index === "end" ? count - 1 : index),
    page: Math.max(1, rows.getVirtualItems().length - 17),
    open: (isApart) => open(rowAt(cursor), isApart),
    toggle: () => toggle(cursor, false),
    chooseAll: () => void chooseBetween(0, count - 1),
  });

  // Rows are drawn anew only when something of theirs changes, so what they are given must not.
  const latest = useRef({ toggle, open, stretch, rowAt, setCursor });
  latest.current = { toggle, open, stretch, rowAt, setCursor };
  const onClick = useCallback((index: number, event: React.MouseEvent) => {
    const now = latest.current;
    if (event.shiftKey) return now.toggle(index, true);
    now.setCursor(index);
    now.open(now.rowAt(index), event.metaKey || event.ctrlKey);
  }, []);
  const onChoose = useCallback((index: number, isRange: boolean) => latest.current.toggle(index, isRange), []);

  if (list.isLoading && !list.error && count <= 20 && !rowAt(0)) return <Loading what="Reading the sessions" />;
  if (list.error && !rowAt(0)) {
    // What is wrong with the filter is told below the filter.
    const isFilter = "column" in list.error && list.error.column !== null;
    return isFilter ? null : <Failed error={list.error} retry={list.retry} />;
  }
  if (list.isWhole && count === 0) return <Nothing question={question} />;
  return (
    <div className="relative h-full">
      {list.hasNewer && (
        <Button
          look="main"
          className="absolute top-10 left-1/2 z-20 -translate-x-1/2 shadow-raised"
          onClick={() => {
            list.readAgain();
            rows.scrollToOffset(0);
          }}
        >
          <ArrowUp aria-hidden className="size-3.5" /> See what began since
        </Button>
      )}
      <div
        ref={scroller}
        role="grid"
        aria-label="Sessions"
        aria-rowcount={list.isWhole ? count + 1 : -1}
        aria-multiselectable
        aria-activedescendant={rowId(cursor)}
        tabIndex={0}
        className="h-full overflow-auto outline-offset-[-2px]"
      >
        <div style={{ minWidth: least }}>
          <Heads columns={columns} tracks={tracks} />
          <div role="rowgroup" className="relative" style={{ height: rows.getTotalSize() }}>
            {rows.getVirtualItems().map(({ index, start, size }) => {
              const session = rowAt(index);
              return (
                <SessionRow
                  key={session ? keyOf(session) : index}
                  session={session}
                  index={index}
                  top={start}
                  height={size}
                  columns={columns}
                  tracks={tracks}
                  isHere={index === cursor}
                  isChosen={session !== undefined && chosen.has(keyOf(session))}
                  onClick={onClick}
                  onChoose={onChoose}
                />
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

function Heads({ columns, tracks }: { columns: readonly ColumnId[]; tracks: string }) {
  return (
    <div role="rowgroup" className="sticky top-0 z-10">
      <div
        role="row"
        aria-rowindex={1}
        style={{ gridTemplateColumns: tracks, height: HEADER }}
        className="grid items-center gap-2 border-b bg-page px-3 text-sm whitespace-nowrap text-ink-faint"
      >
        <span role="columnheader" className="sr-only">
          Chosen
        </span>
        <span aria-hidden />
        {columns.map((id) => (
          <span
            key={id}
            role="columnheader"
            className={`truncate ${id === "name" ? "pl-5.5" : ""} ${COLUMNS[id].isNumber ? "pr-2 text-right" : ""}`}
          >
            {COLUMNS[id].label}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Keep the cursor on its session when others come in above it or go. */
function useFollow(
  rowAt: (index: number) => Session | undefined,
  cursor: number,
  setCursor: (index: number) => void,
  count: number,
): void {
  const held = useRef<{ cursor: number; key: string } | null>(null);
  const session = rowAt(cursor);
  const key = session && keyOf(session);
  useEffect(() => {
    const before = held.current;
    if (before && key && before.cursor === cursor && before.key !== key && cursor > 0) {
      for (let step = -50; step <= 50; step += 1) {
        const other = rowAt(cursor + step);
        if (other && keyOf(other) === before.key) {
          held.current = { cursor: cursor + step, key: before.key };
          setCursor(Math.min(count - 1, cursor + step));
          return;
        }
      }
    }
    if (key) held.current = { cursor, key };
  });
}
