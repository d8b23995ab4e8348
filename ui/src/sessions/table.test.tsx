import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { act, cleanup, render } from "@testing-library/react";
import { createRef } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Session } from "@/api/types";
import { listen } from "@/app/shortcuts";
import { keyOf } from "@/sessions/chosen";
import { Table } from "@/sessions/table";

const ALL = 1_000;
const PAGE = 100;

const session = (place: number) =>
  ({
    id: `s${place}`,
    project: "shop",
    name: `session ${place}`,
    agent: null,
    status: "completed",
    started: String(BigInt(ALL - place) * 1_000_000_000n),
    duration: "5",
    labels: {},
    origin: null,
    summary: { spans: 1, errors: 0, cost: 0, kinds: {}, models: {}, tools: {}, usage: { total: 0 } },
  }) as unknown as Session;

/** A server that has a thousand sessions and a feed that tells nothing. */
async function serve(url: string): Promise<Response> {
  if (url.includes("/live")) return new Promise(() => undefined);
  const from = Number(new URL(url, "http://x").searchParams.get("cursor") ?? 0);
  const items = Array.from({ length: PAGE }, (_, step) => session(from + step));
  return Response.json({ items, next: from + PAGE < ALL ? String(from + PAGE) : null });
}

/** jsdom lays nothing out, so the window is told to be 680 px high. */
function give(name: "offsetHeight" | "offsetWidth", value: number): void {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
}

const chosen = vi.fn();
let stop: () => void;

beforeEach(() => {
  stop = listen();
  vi.stubGlobal("fetch", vi.fn(serve));
  HTMLElement.prototype.scrollTo = vi.fn();
  give("offsetHeight", 680);
  give("offsetWidth", 1280);
});
afterEach(() => {
  stop();
  cleanup();
  chosen.mockReset();
  vi.unstubAllGlobals();
});

async function open(): Promise<HTMLElement> {
  const table = () => (
    <Table
      question={{ q: "", project: undefined }}
      columns={["name", "agent"]}
      chosen={new Map()}
      choose={chosen}
      here={createRef<Session>() as { current: Session | undefined }}
      onChange={() => undefined}
      onError={() => undefined}
    />
  );
  const router = createRouter({
    routeTree: createRootRoute({ component: table }),
    history: createMemoryHistory(),
  });
  const { findByRole, findByText } = render(
    <QueryClientProvider client={new QueryClient()}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
  await findByText("session 0");
  return findByRole("grid");
}

const press = (key: string, shiftKey = false) =>
  act(() => dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey })));

test("of a thousand sessions only those that are seen are drawn", async () => {
  const grid = await open();

  const rows = grid.querySelectorAll('[role="row"]');
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.length).toBeLessThan(40);
});

test("the keys move over the sessions and choose them", async () => {
  const grid = await open();

  press("j");
  press("j");
  press("k");
  expect(grid.getAttribute("aria-activedescendant")).toBe("session-row-1");
  press("x");
  press("j", true);

  expect([...chosen.mock.calls[0]?.[0].keys()]).toEqual([keyOf(session(1))]);
  expect([...chosen.mock.calls[1]?.[0].keys()]).toEqual([keyOf(session(1)), keyOf(session(2))]);
});
