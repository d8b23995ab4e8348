/** The views of a session, in the order of their keys. */

export const VIEWS = [
  { name: "tree", label: "Tree" },
  { name: "flame", label: "Flame" },
  { name: "conversation", label: "Conversation" },
  { name: "graph", label: "Graph" },
  { name: "span", label: "Span" },
  { name: "state", label: "State" },
] as const;

export type ViewName = (typeof VIEWS)[number]["name"];

/** The view that an address names; the tree where it names none. */
export function viewOf(named: unknown): ViewName {
  return VIEWS.find((view) => view.name === named)?.name ?? "tree";
}
