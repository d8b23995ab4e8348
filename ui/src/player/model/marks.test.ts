import { expect, test } from "vitest";

import type { Job } from "@/api/types";
import { checkpointsOf, divergencesOf, nearestMark } from "@/player/model/marks";

const column = (...values: string[]) => ({
  words: [...new Set(values)],
  at: Int32Array.from(values, (value) => [...new Set(values)].indexOf(value)),
});
const checkpoints = checkpointsOf({
  kind: column("session", "llm", "checkpoint", "tool", "checkpoint"),
  name: column("shop", "chat", "asked", "asked", "answered"),
});

const replayed = (session: string, ...divergences: object[]): Job =>
  ({ kind: "replay", session, result: { status: "diverged", divergences } }) as unknown as Job;

test("the marks of a session stand in the order of their places", () => {
  expect(checkpoints).toEqual([
    { index: 2, name: "asked" },
    { index: 4, name: "answered" },
  ]);
  expect(checkpointsOf({ kind: column("llm"), name: column("chat") })).toEqual([]);
});

test("from a mark one goes to the next and the last, and nowhere behind the ends", () => {
  expect([nearestMark(checkpoints, 0, 1), nearestMark(checkpoints, 2, 1), nearestMark(checkpoints, 4, 1)]).toEqual([
    2, 4, -1,
  ]);
  expect([nearestMark(checkpoints, 4, -1), nearestMark(checkpoints, 2, -1)]).toEqual([2, -1]);
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
