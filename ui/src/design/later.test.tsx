import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { later } from "@/design/later";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const frames = () => act(() => vi.advanceTimersByTimeAsync(100));

test("it is loaded when the page was painted, once, and then it is there at once", async () => {
  const load = vi.fn(async () => ({ name }: { name: string }) => <p>{name} is here</p>);
  const Late = later(load, <p>not yet</p>);

  const { unmount } = render(<Late name="first" />);
  expect(screen.queryByText("not yet")).not.toBeNull();
  expect(load).not.toHaveBeenCalled();
  await frames();
  expect(screen.queryByText("first is here")).not.toBeNull();
  unmount();
  render(<Late name="second" />);

  expect(screen.queryByText("second is here")).not.toBeNull();
  expect(load).toHaveBeenCalledTimes(1);
});

test("what is gone before it was painted is not loaded", async () => {
  const load = vi.fn(async () => () => <p>here</p>);
  const Late = later(load);

  render(<Late />).unmount();
  await frames();

  expect(load).not.toHaveBeenCalled();
});
