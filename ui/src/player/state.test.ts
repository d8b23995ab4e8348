import { beforeEach, expect, test } from "vitest";

import { columnsOf, ERRAND } from "@/player/model/made";
import { layoutOf } from "@/player/reading/layout";
import { usePlayer } from "@/player/state";

const SECOND = 1e9;
const slow = ERRAND.map((one) => ({ ...one, start: one.start * 1e6, duration: one.duration && one.duration * 1e6 }));
const layout = layoutOf([columnsOf(slow)]);
const state = usePlayer.getState;

beforeEach(() => {
  usePlayer.setState({ session: "" });
  state().load("one", layout, {});
});

test("to select a span is to stand at its start", () => {
  state().select(3);
  expect([state().selected, state().cursor]).toEqual([3, 130e6]);
});

test("to scrub is to stand at the span that began last", () => {
  state().scrub(200e6);
  expect(state().selected).toBe(4);
});

test("moves beyond the last of a sort stay where they are", () => {
  state().go("error", 1);
  state().go("error", 1);
  expect(state().selected).toBe(3);
});

test("playing goes with the wall at its speed, jumps over idle time, and ends at the end", () => {
  state().play(true);
  state().setSpeed(2);
  state().pass(0.05 * SECOND);
  expect(state().cursor).toBe(100e6);
  state().pass(0.06 * SECOND);
  expect(state().cursor).toBe(720e6);
  state().pass(SECOND);
  expect([state().cursor, state().isPlaying]).toEqual([SECOND, false]);
});

test("zooming keeps the moment it is around, and never leaves the recording", () => {
  state().zoom(0.5, 400e6);
  const { from, to } = state().shown;
  expect((400e6 - from) / (to - from)).toBeCloseTo((400e6 + 0.02 * SECOND) / (1.04 * SECOND));
  state().zoom(100);
  expect(state().shown.to - state().shown.from).toBeCloseTo(1.04 * SECOND, -1);
});

test("a span that is selected is brought into the window", () => {
  state().show({ from: 0, to: 50e6 });
  state().select(5);
  const { from, to } = state().shown;
  expect(from <= 700e6 && to >= 700e6).toBe(true);
});

test("more of the same session keeps the place", () => {
  state().select(4);
  state().load("one", layout, {});
  expect(state().selected).toBe(4);
});

test("a place that is still to be read is gone to when it is there, and not if one went elsewhere", () => {
  const first = layoutOf([columnsOf(slow.slice(0, 3))]);

  state().load("two", first, { at: 5 }, false);
  expect([state().selected, state().awaited]).toEqual([0, { at: 5 }]);
  state().load("two", layout, {});
  expect([state().selected, state().awaited]).toEqual([4, null]);

  state().load("three", first, { at: 5 }, false);
  state().select(1);
  state().load("three", layout, {});
  expect(state().selected).toBe(1);
});
