/** All sessions: found by a filter, shown as they come and change, and several at once labelled, exported, deleted. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";

import type { Session } from "@/api/types";
import { FilterBox } from "@/filters/box";
import { Actions } from "@/sessions/actions";
import { askedOf, type ColumnId } from "@/sessions/asked";
import { type Chosen, renewed } from "@/sessions/chosen";
import { type Changes, change } from "@/sessions/list";
import { ColumnsMenu, ViewsMenu } from "@/sessions/menus";
import { Table } from "@/sessions/table";
import { useViews } from "@/sessions/views";

export function Sessions() {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { columns: usual, keepColumns } = useViews();
  const { q, project, columns } = askedOf(search, usual);
  const [chosen, choose] = useState<Chosen>(new Map());
  const [error, setError] = useState<Error | null>(null);
  const here = useRef<Session>(undefined);

  // What is no longer seen must not be deleted along with what is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about other sessions as soon as these change
  useEffect(() => choose(new Map()), [q, project]);

  const onChange = useCallback((changes: Changes) => choose((before) => renewed(before, changes)), []);
  const onAct = (changes: Changes) => {
    change(queries, { q, project }, changes);
    onChange(changes);
  };
  const ask = (changed: Record<string, string | undefined>) =>
    void navigate({ to: "/sessions", search: (before) => ({ ...before, ...changed }) });
  const show = (next: readonly ColumnId[]) => {
    keepColumns(next);
    ask({ columns: next.join(",") });
  };
  return (
    <div className="relative grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)]">
      <header className="flex items-start gap-2 border-b px-3 py-2">
        <h1 className="sr-only">Sessions{project ? ` of ${project}` : ""}</h1>
        <FilterBox
          subject="sessions"
          project={project}
          value={q}
          apply={(filter) => ask({ q: filter || undefined })}
          placeholder="Filter sessions: status:failed cost>0.5 model:gpt-5* refund"
          label="Filter the sessions"
          error={error}
        />
        <ViewsMenu
          now={{ q, columns, ...(project ? { project } : {}) }}
          show={(view) => ask({ q: view.q || undefined, project: view.project, columns: view.columns.join(",") })}
        />
        <ColumnsMenu columns={columns} change={show} />
      </header>
      <Table
        key={`${project ?? ""}\n${q}`}
        question={{ q, project }}
        columns={project === undefined && !search.columns ? withProject(columns) : columns}
        chosen={chosen}
        choose={choose}
        here={here}
        onChange={onChange}
        onError={setError}
      />
      <Actions chosen={chosen} choose={choose} here={here} onChange={onAct} />
    </div>
  );
}

/** Among the sessions of all projects one wants to know of which each is. */
function withProject(columns: readonly ColumnId[]): readonly ColumnId[] {
  if (columns.includes("project")) return columns;
  const [name, ...rest] = columns;
  return name ? [name, "project", ...rest] : columns;
}
