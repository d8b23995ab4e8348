/** What is around every page: the rail, the palette, the keyboard map, and word that the server is away. */

import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import {
  BookMarked,
  ChartNoAxesColumn,
  GitCompareArrows,
  House,
  Layers2,
  List,
  Search,
  Settings,
  SunMoon,
} from "lucide-react";
import { useEffect } from "react";
import { create } from "zustand";

import { Connection } from "@/app/connection";
import { initials, useProject } from "@/app/project";
import { listen, useShortcuts } from "@/app/shortcuts";
import { useTheme } from "@/app/theme";
import { later } from "@/design/later";
import { Tips, Tooltip } from "@/design/tooltip";

const Dialogs = later(async () => (await import("@/app/dialogs")).Dialogs);

export type What = "palette" | "keyboard" | "projects" | null;

interface Shown {
  what: What;
  show: (what: What) => void;
}

export const useShown = create<Shown>((set) => ({ what: null, show: (what) => set({ what }) }));

const PLACES = [
  { to: "/", label: "Home", keys: "g h", glyph: House },
  { to: "/sessions", label: "Sessions", keys: "g s", glyph: List },
  { to: "/search", label: "Search", keys: "g f", glyph: Search },
  { to: "/memory", label: "Memory", keys: "g r", glyph: BookMarked },
  { to: "/compare", label: "Compare", keys: "g c", glyph: GitCompareArrows },
  { to: "/measures", label: "Measures", keys: "g m", glyph: ChartNoAxesColumn },
  { to: "/settings", label: "Settings", keys: "g ,", glyph: Settings },
] as const;

export function Frame() {
  const { what, show } = useShown();
  const { choice, choose } = useTheme();
  const navigate = useNavigate();
  const project = useProject();
  useEffect(listen, []);

  const turn = () => choose(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  useShortcuts([
    ...PLACES.map(({ to, label, keys }) => ({
      keys,
      does: `Go to ${label}`,
      group: "Anywhere",
      run: () => void navigate({ to, search: { project } }),
    })),
    { keys: "g p", does: "Switch the project", group: "Anywhere", run: () => show("projects") },
    { keys: "mod+k", does: "Find anything", group: "Anywhere", run: () => show("palette") },
    { keys: "?", does: "Show the keyboard map", group: "Anywhere", run: () => show("keyboard") },
    { keys: "alt+t", does: "Light or dark", group: "Anywhere", run: turn },
  ]);

  return (
    <>
      <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[minmax(0,1fr)_auto] sm:grid-cols-[3rem_minmax(0,1fr)] sm:grid-rows-[minmax(0,1fr)]">
        <nav
          aria-label="Pages"
          className="order-last flex justify-around gap-1 border-t bg-sunken p-1.5 sm:order-first sm:flex-col sm:items-center sm:justify-start sm:border-t-0 sm:border-r"
        >
          <Link to="/" search={{ project }} aria-label="agentreplay" className="mb-2 hidden p-1 sm:block">
            <img src="/icon.svg" alt="" className="size-6" />
          </Link>
          <Tooltip label={project === undefined ? "All projects" : `Project: ${project}`} keys="g p" side="right">
            <button
              type="button"
              aria-label={
                project === undefined
                  ? "Switch the project, now all"
                  : `${initials(project)}: switch the project, now ${project}`
              }
              onClick={() => show("projects")}
              className={`grid size-8 place-items-center rounded-md border text-sm font-medium hover:bg-raised hover:text-ink sm:mb-2 ${project === undefined ? "text-ink-faint" : "border-accent bg-accent-soft text-accent"}`}
            >
              {project === undefined ? (
                <Layers2 aria-hidden className="size-4" />
              ) : (
                <span aria-hidden>{initials(project)}</span>
              )}
            </button>
          </Tooltip>
          {PLACES.map(({ to, label, keys, glyph: Glyph }) => (
            <Tooltip key={to} label={label} keys={keys} side="right">
              <Link
                to={to}
                search={{ project }}
                aria-label={label}
                activeOptions={{ exact: to === "/", includeSearch: false }}
                className="grid size-8 place-items-center rounded-md text-ink-faint hover:bg-raised hover:text-ink data-[status=active]:bg-raised data-[status=active]:text-ink"
              >
                <Glyph aria-hidden className="size-4" />
              </Link>
            </Tooltip>
          ))}
          <div className="hidden grow sm:block" />
          <Tooltip
            label={choice === "system" ? "Light or dark (now as the system)" : "Light or dark"}
            keys="alt+t"
            side="right"
          >
            <button
              type="button"
              aria-label="Light or dark"
              onClick={turn}
              className="hidden size-8 place-items-center rounded-md text-ink-faint hover:bg-raised hover:text-ink sm:grid"
            >
              <SunMoon aria-hidden className="size-4" />
            </button>
          </Tooltip>
        </nav>
        <main className="relative flex min-h-0 min-w-0 flex-col">
          <Connection />
          <div className="min-h-0 grow">
            <Outlet />
          </div>
        </main>
      </div>
      <Dialogs what={what} close={() => show(null)} />
      <Tips />
    </>
  );
}
