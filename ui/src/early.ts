/**
 * The first lines of the page, run before anything else is loaded; the build writes them into the page itself.
 *
 * They show the theme before the first paint, so that nobody in the dark is blinded by a white page; have what the place
 * in the address is made of loaded beside the scripts of all pages, and not behind them; and ask for what a session
 * shows first, so that it is there when the scripts are.
 */

import { askEarly } from "@/api/early";
import { firstQuestion, sessionQuestion } from "@/player/first";

function showTheme(): void {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  const isDark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

/** `pages` holds, as JSON, the scripts of each page by the first part of its path. */
function loadPage(first: string, pages: string): void {
  const scripts = (JSON.parse(pages) as Record<string, string[]>)[first] ?? [];
  for (const href of scripts)
    document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
}

showTheme();
const [, first = "", second = ""] = location.pathname.split("/");
const isSession = first === "sessions" && second !== "";
loadPage(isSession ? "session" : first, document.currentScript?.dataset.pages ?? "{}");
if (isSession) {
  const project = new URLSearchParams(location.search).get("project") ?? undefined;
  const which = { session: decodeURIComponent(second), project };
  askEarly(...sessionQuestion(which));
  askEarly(...firstQuestion(which));
}
