import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

import { early, together, whole } from "./early.ts";
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

export default defineConfig({
  resolve: { alias: { "@": join(import.meta.dirname, "src") } },
  plugins: [react(), tailwind(), early(import.meta.dirname), whole(), compressed(), licences(import.meta.dirname)],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: together } } },
  },
  server: { port: 47199, proxy: { "/api": { target: "http://127.0.0.1:47100", ws: true, changeOrigin: true } } },
  // One page for all test files of a worker: making one costs fifty times what a file of tests does.
  test: { environment: "jsdom", isolate: false, maxWorkers: 2, include: ["src/**/*.test.{ts,tsx}"] },
});
