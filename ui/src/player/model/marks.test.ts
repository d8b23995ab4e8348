import { expect, test } from "vitest";

import type { Job, SpanRow } from "@/api/types";
import { checkpointsOf, divergencesOf, nearestMark } from "@/player/model/marks";

const checkpoints = checkpointsOf([
  { seq: 9, name: "answered" },
  { seq: 3, name: "asked" },
] as SpanRow[]);

const replayed = (session: string, ...divergences: object[]): Job =>
  ({ kind: "replay", session, result: { status: "diverged", divergences } }) as unknown as Job;

test("the marks of a session stand in the order of their places, whatever the order they were told in", () => {
  expect(checkpoints).toEqual([
    { index: 2, name: "asked" },
    { index: 8, name: "answered" },
  ]);
});

test("from a mark one goes to the next and the last, and nowhere behind the ends", () => {
  expect([nearestMark(checkpoints, 0, 1), nearestMark(checkpoints, 2, 1), nearestMark(checkpoints, 8, 1)]).toEqual([
    2, 8, -1,
  ]);
  expect([nearestMark(checkpoints, 8, -1), nearestMark(checkpoints, 2, -1)]).toEqual([2, -1]);
});

test("only the last replay of the session itself says where it parted", () => {
  const jobs = [
    replayed("other", { kind: "changed", seq: 1, label: "elsewhere" }),
    replayed("one", { kind: "output", seq: 0 }, { kind: "changed", seq: 4, label: "", operation: "POST /v1" }),
    replayed("one", { kind: "changed", seq: 2, label: "before that" }),
  ];

  expect(divergencesOf(jobs, "one")).toEqual([{ index: 3, name: "POST /v1" }]);
  expect(divergencesOf(jobs, "nobody")).toEqual([]);
});
