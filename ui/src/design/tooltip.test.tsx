import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { placeOf, Tips, Tooltip } from "@/design/tooltip";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const wait = (milliseconds: number) => act(() => vi.advanceTimersByTime(milliseconds));

function page() {
  render(
    <>
      <Tooltip label="Run it again" keys="r">
        <button type="button">Replay</button>
      </Tooltip>
      <Tooltip label="Fork here">
        <button type="button" aria-label="Fork here" />
      </Tooltip>
      <p>elsewhere</p>
      <Tips />
    </>,
  );
}

test("what is pointed at for a while is named, with its keys, and described to those who listen", () => {
  page();
  const replay = screen.getByText("Replay");

  fireEvent.pointerOver(replay);
  expect(screen.queryByRole("tooltip")).toBeNull();
  wait(400);

  expect(screen.getByRole("tooltip").textContent).toBe("Run it againR");
  expect(replay.getAttribute("aria-describedby")).toBe(screen.getByRole("tooltip").id);
});

test("a name that is known already is not told twice", () => {
  page();

  fireEvent.pointerOver(screen.getByLabelText("Fork here"));
  wait(400);

  expect(screen.getByRole("tooltip").textContent).toBe("Fork here");
  expect(screen.getByLabelText("Fork here").hasAttribute("aria-describedby")).toBe(false);
});

test.each([
  ["the pointer goes elsewhere", () => fireEvent.pointerOver(screen.getByText("elsewhere"))],
  ["it is pressed", () => fireEvent.pointerDown(screen.getByText("Replay"))],
  ["Escape is pressed", () => fireEvent.keyDown(document.body, { key: "Escape" })],
])("it goes when %s", (_, leave) => {
  page();
  fireEvent.pointerOver(screen.getByText("Replay"));
  wait(400);

  leave();
  wait(200);

  expect(screen.queryByRole("tooltip")).toBeNull();
});

test("it stays while the pointer is on it", () => {
  page();
  fireEvent.pointerOver(screen.getByText("Replay"));
  wait(400);

  fireEvent.pointerOver(screen.getByText("elsewhere"));
  wait(50);
  fireEvent.pointerOver(screen.getByRole("tooltip"));
  wait(1_000);

  expect(screen.getByRole("tooltip")).not.toBeNull();
});

test("it stands within the window, above where there is no room below", () => {
  const room = { width: 400, height: 300 };
  const box = { width: 100, height: 20 };
  const at = (left: number, top: number) => ({ left, top, right: left + 20, bottom: top + 20, width: 20, height: 20 });

  expect(placeOf(at(200, 100), box, "bottom", room)).toEqual({ x: 160, y: 126 });
  expect(placeOf(at(0, 270), box, "bottom", room)).toEqual({ x: 6, y: 244 });
  expect(placeOf(at(0, 100), box, "right", room)).toEqual({ x: 26, y: 100 });
});
