import { expect, test } from "vitest";

import type { Job, Shelved } from "@/api/types";
import { columnsOf } from "@/player/model/made";
import { checkpointsOf, divergencesOf, nearestMark, snapshotsOf } from "@/player/model/marks";
import { recordingOf } from "@/player/model/recording";

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

test("snapshots stand where they were taken, and those after the end at the end", () => {
  const recording = recordingOf([columnsOf([0, 100, 200].map((start) => ({ start, duration: 50, name: "one" })))]);
  const taken = (name: string, since: number, description: string | null = null) =>
    ({ name, metadata: { timestamp: String(recording.base + BigInt(since)), description }, problem: "" }) as Shelved;
  const damaged: Shelved = { name: "x", metadata: null, problem: "it is damaged" };

  expect(snapshotsOf(recording, [taken("b", 900), damaged, taken("a", 120, "before the order")])).toEqual([
    { index: 1, time: 120, name: "before the order" },
    { index: 2, time: 250, name: "b" },
  ]);
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
