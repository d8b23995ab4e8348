import { expect, test } from "vitest";

import { columnsOf, ERRAND } from "@/player/model/made";
import { layoutOf, memoryOf } from "@/player/reading/layout";

test("what a worker lays out arrives whole, and leaves nothing behind to be copied", () => {
  const layout = layoutOf([columnsOf(ERRAND)]);
  const arrays = [layout.recording.start, layout.recording.kind.at, layout.lanes.spans, layout.gaps];
  const told = structuredClone(layout);

  const arrived = structuredClone(layout, { transfer: memoryOf(layout) });

  expect(arrived).toEqual(told);
  expect(arrays.map((one) => one.length)).toEqual([0, 0, 0, 0]);
});
