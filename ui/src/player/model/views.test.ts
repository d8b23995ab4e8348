import { expect, test } from "vitest";

import { bladesOf, ownWeights } from "@/player/model/flame";
import { graphOf } from "@/player/model/graph";
import { columnsOf, ERRAND } from "@/player/model/made";
import { rowsOf, sieve } from "@/player/model/outline";
import { recordingOf } from "@/player/model/recording";

const recording = recordingOf([columnsOf(ERRAND)]);

test("the tree shows children below their parents, but not of closed ones", () => {
  expect([...rowsOf(recording, new Set(), null)]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...rowsOf(recording, new Set([2]), null)]).toEqual([0, 1, 2, 5]);
});

test("a filter keeps what holds all its words, and what lies above", () => {
  const found = sieve(recording, "READ error");

  expect(found?.found).toBe(1);
  expect([...rowsOf(recording, new Set(), found)]).toEqual([0, 2, 3]);
  expect(sieve(recording, "  ")).toBeNull();
});

test("own time is what nothing below fills, and overlapping children count once", () => {
  expect([...ownWeights(recording, "time")]).toEqual([200, 100, 330, 50, 60, 300]);
});

test("equal ways are one blade, and all that is weighed is as wide as its parts", () => {
  const blades = bladesOf(recording, "tokens");

  expect(blades.map(({ name, count, size }) => [name, count, size])).toEqual([
    ["errand", 1, 1],
    ["chat", 2, 1],
  ]);
  expect(bladesOf(recording, "time").find((one) => one.name === "read")).toMatchObject({
    count: 2,
    errors: 1,
    span: 4,
  });
});

test("the graph counts who called whom, and sums what is known of the cost", () => {
  const { nodes, edges } = graphOf(recording);

  expect(nodes.map(({ name, count, cost, column }) => [name, count, cost, column])).toEqual([
    ["errand", 1, null, 0],
    ["large", 2, 800, 1],
    ["helper", 1, null, 1],
    ["read", 2, null, 2],
  ]);
  expect(edges.map((edge) => [edge.from.split("\0")[1], edge.to.split("\0")[1], edge.count, edge.errors])).toEqual([
    ["errand", "large", 2, 0],
    ["errand", "helper", 1, 0],
    ["helper", "read", 2, 1],
  ]);
});
