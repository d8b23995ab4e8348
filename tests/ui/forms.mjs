/**
 * Every form in which the web UI writes the numbers it is given: `node forms.mjs format.ts < numbers.json`.
 *
 * The forms are those of the UI's own formatting module, so that nothing here can agree with a mistake of its own.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const path = resolve(process.argv[2]);
const vite = createRequire(path).resolve("vite");
const { transformWithOxc } = await import(pathToFileURL(vite));
const { code } = await transformWithOxc(readFileSync(path, "utf8"), path);
const format = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const { counts, durations, moments, moneys, offsets, shares, sizes, from, until } = JSON.parse(readFileSync(0, "utf8"));
const forms = new Set();
const add = (text) => forms.add(text);
for (const one of counts) for (const write of [String, format.count, format.grouped]) add(write(one));
for (const one of durations) {
  add(format.duration(one));
  for (const offset of [...offsets, one]) add(format.clock(Number(offset), Number(one)));
}
for (const one of moneys) add(format.money(one));
for (const one of sizes) add(format.bytes(one));
for (const [part, whole] of shares) add(format.share(part, whole));
for (const one of moments) {
  const date = format.moment(one);
  for (const text of [format.timeOfDay(date), format.timeOfDay(date, true), format.day(date)]) add(text);
  for (let now = from; now <= until; now += 250) add(format.ago(one, now));
}
process.stdout.write(JSON.stringify([...forms]));
