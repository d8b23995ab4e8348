import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

import { licences } from "./licences.ts";

const OUT = "../src/agentreplay/ui";
const TEXT = /\.(?:js|css|html|svg)$/;

/** Lays a compressed copy beside each text file, so that the server need not compress anything. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const entry of readdirSync(OUT, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !TEXT.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

/**
 * Tells the first script of the page what the player is made of, so that whoever opens a session need not wait for one
 * script to ask for the next.
 */
function early(): Plugin {
  return {
    name: "early",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
        const player = chunks.find((one) => one.facadeModuleId?.endsWith("/player/player.tsx"));
        const start = chunks.find((one) => one.isEntry);
        if (!player || !start) throw new Error("the player or the start of the pages is not among the chunks");
        const files = [player.fileName, ...player.imports.filter((file) => !start.imports.includes(file))];
        const told = files.filter((file) => file !== start.fileName).map((file) => `/${file}`);
        return html.replace('src="/early.js"', `src="/early.js" data-player="${told.join(" ")}"`);
      },
    },
  };
}

export default defineConfig({
  resolve: { alias: { "@": join(import.meta.dirname, "src") } },
  plugins: [react(), tailwind(), early(), compressed(), licences(import.meta.dirname)],
  build: { outDir: OUT, emptyOutDir: true, target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { port: 47199, proxy: { "/api": { target: "http://127.0.0.1:47100", ws: true, changeOrigin: true } } },
  // One page for all test files of a worker: making one costs fifty times what a file of tests does.
  test: { environment: "jsdom", isolate: false, maxWorkers: 2, include: ["src/**/*.test.{ts,tsx}"] },
});
