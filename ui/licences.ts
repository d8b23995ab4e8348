/** Tells the pages which packages they are made of, with their licences, which want to be shown. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const NAME = "virtual:licences";
const TEXT = /^(?:licen[cs]e|copying)(?:\.(?:md|txt))?$/i;

interface Manifest {
  name: string;
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

export function licences(folder: string): Plugin {
  return {
    name: "licences",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load: (id) => (id === `\0${NAME}` ? `export const licences = ${JSON.stringify(packagesOf(folder))};` : null),
  };
}

/** What the manifest in the folder depends on, and what that depends on, by name. */
function packagesOf(folder: string) {
  const found = new Map<string, Manifest>();
  const wanted = Object.keys(manifestOf(folder).dependencies ?? {});
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const place = join(folder, "node_modules", name);
    if (found.has(name) || !existsSync(place)) continue;
    const manifest = manifestOf(place);
    found.set(name, manifest);
    wanted.push(...Object.keys(manifest.dependencies ?? {}));
  }
  return [...found.values()]
    .toSorted((one, other) => one.name.localeCompare(other.name, "en"))
    .map(({ name, version, license = "" }) => ({ name, version, licence: license, text: textOf(folder, name) }));
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function textOf(folder: string, name: string): string {
  const place = join(folder, "node_modules", name);
  const file = readdirSync(place).find((one) => TEXT.test(one));
  return file ? readFileSync(join(place, file), "utf8") : "";
}
