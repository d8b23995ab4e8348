import { expect, test } from "vitest";
import { columnsOf, ERRAND } from "@/player/model/made";
import { recordingOf } from "@/player/model/recording";
import { cut } from "@/player/reading/stretches";

test("stretches are cut before a place, within and between them", () => {
  const stretches = [columnsOf(ERRAND.slice(0, 3)), columnsOf(ERRAND.slice(3), 4)];

  expect(cut(stretches, 4)).toEqual([stretches[0]]);
  expect(recordingOf(cut(stretches, 6)).count).toBe(5);
  expect(cut(stretches, 1)).toEqual([]);
});
