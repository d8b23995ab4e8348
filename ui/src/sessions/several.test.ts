import { expect, test } from "vitest";

import type { Session } from "@/api/types";
import { each, type Progress } from "@/sessions/several";

const session = (id: string) => ({ id, project: "shop" }) as Session;

test("one that fails is told, and the others are done", async () => {
  const done: string[] = [];
  const told: Progress[] = [];
  const act = async ({ id }: Session) => {
    if (id === "b") throw new Error("It runs");
    done.push(id);
  };

  const progress = await each(["a", "b", "c"].map(session), act, (one) => told.push(one));

  expect(done).toEqual(["a", "c"]);
  expect(progress.failed.map(({ session, error }) => [session.id, error.message])).toEqual([["b", "It runs"]]);
  expect(told.map((one) => one.done)).toEqual([0, 1, 2, 3]);
});
