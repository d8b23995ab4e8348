/** Views: questions that were given a name. They stay in this browser; the address of one can be sent to anybody. */

import { create } from "zustand";

import { type ColumnId, columnsOf, USUAL } from "@/sessions/asked";

export interface View {
  name: string;
  q: string;
  project?: string;
  columns: readonly ColumnId[];
}

const VIEWS = "agentreplay.views";
const COLUMNS = "agentreplay.columns";

/** The views of a stored text; what cannot be read as one is left out. */
export function viewsIn(text: string | null): View[] {
  let told: unknown;
  try {
    told = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  if (!Array.isArray(told)) return [];
  return told.flatMap((one: Partial<View> | null) => {
    if (typeof one?.name !== "string" || typeof one.q !== "string" || !Array.isArray(one.columns)) return [];
    const columns = columnsOf(one.columns.join(",")) ?? USUAL;
    return [{ name: one.name, q: one.q, columns, ...(one.project ? { project: one.project } : {}) }];
  });
}

/** With the view; one of the same name is replaced. */
export function withView(views: readonly View[], view: View): View[] {
  return [...views.filter((one) => one.name !== view.name), view].toSorted((one, other) =>
    one.name.localeCompare(other.name),
  );
}

interface Views {
  views: readonly View[];
  /** The columns that are shown where the address names none. */
  columns: readonly ColumnId[];
  save: (view: View) => void;
  drop: (name: string) => void;
  keepColumns: (columns: readonly ColumnId[]) => void;
}

export const useViews = create<Views>((set, get) => {
  const keep = (views: readonly View[]) => {
    localStorage.setItem(VIEWS, JSON.stringify(views));
    set({ views });
  };
  return {
    views: viewsIn(localStorage.getItem(VIEWS)),
    columns: columnsOf(localStorage.getItem(COLUMNS) ?? "") ?? USUAL,
    save: (view) => keep(withView(get().views, view)),
    drop: (name) => keep(get().views.filter((one) => one.name !== name)),
    keepColumns: (columns) => {
      localStorage.setItem(COLUMNS, columns.join(","));
      set({ columns });
    },
  };
});
