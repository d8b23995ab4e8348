import { expect, test } from "vitest";

import type { CollectionStatistics, ToldRecord } from "@/api/types";
import { chosenOf, holds, lastPart, ownerIn, placeOf, spotIn, versionAt } from "@/memory/place";

const known = [
  { project: "a", collection: "notes", owner: "", changed: "1" },
  { project: "b", collection: "notes", owner: "agent:planner", changed: "20" },
  { project: "b", collection: "empty", owner: "", changed: null },
] as CollectionStatistics[];

test("without a name it is the collection that changed last", () => {
  expect(chosenOf(known, {}, undefined)).toEqual({ project: "b", collection: "notes", owner: "agent:planner" });
  expect(chosenOf([], {}, undefined)).toBeNull();
});

test("a named collection is one of the project that is looked at", () => {
  expect(chosenOf(known, { collection: "x" }, "a")).toEqual({ project: "a", collection: "x", owner: "" });
  expect(chosenOf(known, { project: "a", collection: "notes" }, undefined)?.project).toBe("a");
});

test("what an address says nonsensically is as though it were not there", () => {
  expect(placeOf({ by: "magic", at: "soon", q: 42 })).toMatchObject({ by: "both", at: null, text: "42" });
  expect(placeOf({ by: "words", at: 7, everywhere: 1 })).toMatchObject({ by: "words", at: "7", isEverywhere: true });
});

test("owners are told by their kind", () => {
  expect(ownerIn("agent:a:b")).toEqual({ type: "agent", name: "a:b" });
  expect(ownerIn("workspace:/srv/x")).toEqual({ type: "workspace", name: "/srv/x" });
  expect(ownerIn("")).toEqual({ type: "project", name: "" });
});

test("a path is told by its last part", () => {
  expect([lastPart("/a/b.md"), lastPart("C:\\x\\"), lastPart("b")]).toEqual(["b.md", "x", "b"]);
});

test("the version of a position is the newest that was there", () => {
  const versions = [{ position: "9" }, { position: "4" }] as ToldRecord[];

  expect(versionAt(versions, null)?.position).toBe("9");
  expect(versionAt(versions, "8")?.position).toBe("4");
  expect(versionAt(versions, "3")).toBeUndefined();
});

test("a record holds from its beginning on and before its end", () => {
  const record = { valid_from: "5", valid_until: "9" } as ToldRecord;

  expect([4n, 5n, 8n, 9n].map((moment) => holds(record, moment))).toEqual([false, true, true, false]);
});

test("the spot of a record is told in words", () => {
  const source = { place: "a.md", heading: "One > Two", first_line: 3, last_line: 9, page: null };

  expect(spotIn(source as ToldRecord["source"])).toBe("a.md: One > Two, lines 3 to 9");
  expect(spotIn({ ...source, place: "", heading: "", first_line: null, page: 2 } as ToldRecord["source"])).toBe(
    "page 2",
  );
});
