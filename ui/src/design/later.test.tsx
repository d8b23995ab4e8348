import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { later } from "@/design/later";

afterEach(cleanup);

test("it is loaded when the page was painted, once, and then it is there at once", async () => {
  const load = vi.fn(async () => ({ name }: { name: string }) => <p>{name} is here</p>);
  const Late = later(load, <p>not yet</p>);

  const { unmount } = render(<Late name="first" />);
  expect(screen.getByText("not yet")).not.toBeNull();
  expect(load).not.toHaveBeenCalled();
  await screen.findByText("first is here");
  unmount();
  render(<Late name="second" />);

  expect(screen.getByText("second is here")).not.toBeNull();
  expect(load).toHaveBeenCalledTimes(1);
});

test("what is gone before it was painted is not loaded", async () => {
  const load = vi.fn(async () => () => <p>here</p>);
  const Late = later(load);

  render(<Late />).unmount();
  await new Promise((resolve) => setTimeout(resolve, 100));

  expect(load).not.toHaveBeenCalled();
});
