/** What the build does so that a page is painted soon: few scripts, all known from the first lines of the page on. */

import { join } from "node:path";
import { build, type Plugin, type Rolldown } from "vite";

/** The pages by the first part of their path, and the module that each begins with. */
const PAGES: Record<string, string> = {
  "": "/src/home/home.tsx",
  sessions: "/src/sessions/sessions.tsx",
  session: "/src/player/player.tsx",
  memory: "/src/memory/memory.tsx",
  compare: "/src/compare/compare.tsx",
  search: "/src/search/search.tsx",
  measures: "/src/measures/measures.tsx",
  settings: "/src/settings/settings.tsx",
};

/** The scripts without which no session is painted: what all pages need, and what only the player needs. */
const FIRST = ["start", "stage"];
const START = "/src/main.tsx";

interface Told {
  getModuleInfo: (id: string) => { importers: readonly string[] } | null;
}

/**
 * Each of the first scripts is one file, however many others share parts of it: a request costs more than its bytes.
 * What the player shares with other pages is in the start.
 */
export const together = FIRST.map((name, place) => ({
  debugName: name,
  priority: FIRST.length - place,
  name: (id: string, told: Told) => (whereOf(id, told) === name ? name : null),
}));

function whereOf(id: string, told: Told): string | null {
  if (id.includes("rolldown/runtime")) return "start";
  const above = new Set([id]);
  for (const one of above) for (const importer of told.getModuleInfo(one)?.importers ?? []) above.add(importer);
  const has = (module: string) => [...above].some((one) => one.endsWith(module));
  if (has(START)) return "start";
  if (!has(PAGES.session as string)) return null;
  return Object.values(PAGES).filter(has).length > 1 ? "start" : "stage";
}

/**
 * Has browsers compile the first scripts as a whole while they are loaded, in a thread of its own. What is compiled only
 * when it is first called is compiled in the thread that should be painting.
 */
export function whole(): Plugin {
  return {
    name: "whole",
    apply: "build",
    generateBundle: {
      // It has to be the first thing in the file, and others put theirs there too.
      order: "post",
      handler(_, bundle) {
        for (const one of Object.values(bundle))
          if (one.type === "chunk" && FIRST.includes(one.name)) one.code = `//# allFunctionsCalledOnLoad\n${one.code}`;
      },
    },
  };
}

/** Writes `src/early.ts` into the page, with the scripts that each place of the UI needs beside those of all. */
export function early(root: string): Plugin {
  return {
    name: "early",
    transformIndexHtml: {
      order: "post",
      async handler(html, { bundle }) {
        const pages = JSON.stringify(bundle ? scriptsOf(Object.values(bundle)) : {});
        const code = await scriptIn(root, join(root, "src/early.ts"));
        return html.replace("<!-- early -->", () => `<script data-pages='${pages}'>${code}</script>`);
      },
    },
  };
}

/** The files of each page that the start does not load already. */
function scriptsOf(bundle: (Rolldown.OutputChunk | Rolldown.OutputAsset)[]): Record<string, string[]> {
  const chunks = bundle.filter((one) => one.type === "chunk");
  const start = chunks.find((one) => one.isEntry);
  if (!start) throw new Error("the start of the pages is not among the chunks");
  const known = [start.fileName, ...start.imports];
  const found = Object.entries(PAGES).map(([place, module]) => {
    const has = ({ facadeModuleId, moduleIds }: Rolldown.OutputChunk) =>
      facadeModuleId ? facadeModuleId.endsWith(module) : moduleIds.some((id) => id.endsWith(module));
    const page = chunks.find(has);
    if (!page) throw new Error(`${module} is not among the chunks`);
    return [place, [page.fileName, ...page.imports].filter((file) => !known.includes(file)).map((file) => `/${file}`)];
  });
  return Object.fromEntries(found);
}

/** A module with all it imports, as one script that needs no other. */
async function scriptIn(root: string, entry: string): Promise<string> {
  const built = await build({
    root,
    configFile: false,
    logLevel: "error",
    resolve: { alias: { "@": join(root, "src") } },
    build: { write: false, target: "es2023", lib: { entry, formats: ["iife"], name: "early" } },
  });
  const outputs = [built].flat() as Rolldown.RolldownOutput[];
  return outputs[0]?.output[0].code.trim() ?? "";
}
