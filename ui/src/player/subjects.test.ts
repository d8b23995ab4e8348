import { expect, test } from "vitest";

import { columnsOf, type Made } from "@/player/model/made";
import { recordingOf } from "@/player/model/recording";
import { blocksOf } from "@/player/subjects";

test("only blocks are asked for that hold tools in sight, each once", () => {
  const spans: Made[] = Array.from({ length: 600 }, (_, index) => ({
    start: index,
    duration: 1,
    name: "one",
    kind: index < 500 && index % 2 ? "tool" : "llm",
  }));
  const recording = recordingOf([columnsOf(spans)]);

  expect(blocksOf(recording, [301, 2, 4, 5, 7])).toEqual([0, 2]);
  expect(blocksOf(recording, [0, 2, 511, 599])).toEqual([]);
});
