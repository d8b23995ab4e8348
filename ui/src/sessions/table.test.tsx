import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { act, cleanup, render } from "@testing-library/react";
import { useRef, useState } from "react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

import type { Session } from "@/api/types";
import { listen } from "@/app/shortcuts";
import type { Chosen } from "@/sessions/chosen";
import type * as Sessions from "@/sessions/table";

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
    summary: { spans: 1, errors: 0, cost: 0, kinds: {}, agents: {}, models: {}, tools: {}, usage: { total: 0 } },
  }) as unknown as Session;

/** A server that has a thousand sessions and a feed that tells nothing. */
async function serve(url: string): Promise<Response> {
  if (url.includes("/live")) return new Promise(() => undefined);
  const from = Number(new URL(url, "http://x").searchParams.get("cursor") ?? 0);
  const items = Array.from({ length: PAGE }, (_, step) => session(from + step));
  return Response.json({ items, next: from + PAGE < ALL ? String(from + PAGE) : null });
}

/** jsdom lays nothing out, so that what has a height must be told it. */
const SIZES = { clientHeight: 680, clientWidth: 1280 } as const;
/** A machine that is busy takes its time. */
vi.setConfig({ testTimeout: 20_000 });

let stop: () => void;
let Table: typeof Sessions.Table;

beforeAll(async () => {
  // jsdom knows no media queries, and what asks them does so when it is loaded.
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: vi.fn(), removeEventListener: vi.fn() }));
  ({ Table } = await import("@/sessions/table"));
});
beforeEach(() => {
  stop = listen();
  vi.stubGlobal("fetch", vi.fn(serve));
  vi.stubGlobal("scrollTo", vi.fn());
  vi.stubGlobal("ResizeObserver", undefined);
  for (const [name, value] of Object.entries(SIZES)) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
  }
});
afterEach(() => {
  stop();
  cleanup();
  vi.unstubAllGlobals();
  for (const name of Object.keys(SIZES)) Reflect.deleteProperty(HTMLElement.prototype, name);
});

function Shown() {
  const [chosen, choose] = useState<Chosen>(new Map());
  const here = useRef<Session>(undefined);
  const question = { q: "", project: undefined };
  const columns = ["name", "agent"] as const;
  return (
    <>
      <Table {...{ question, columns, chosen, choose, here }} onChange={ignore} onError={ignore} />
      <output>{chosen.size}</output>
    </>
  );
}

const ignore = () => undefined;

async function open(): Promise<HTMLElement> {
  const router = createRouter({
    routeTree: createRootRoute({ component: Shown }),
    history: createMemoryHistory(),
  });
  const { container, findByText } = render(
    <QueryClientProvider client={new QueryClient()}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
  await findByText("session 0", {}, { timeout: 10_000 });
  // By its role in the text: to compute roles takes jsdom seconds.
  return container.querySelector('[role="grid"]') as HTMLElement;
}

const press = (key: string, shiftKey = false) =>
  act(async () => void dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey })));

test("of a thousand sessions only those that are seen are drawn", async () => {
  const grid = await open();

  const rows = grid.querySelectorAll('[role="row"]');
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.length).toBeLessThan(40);
});

test("the keys move over the sessions and choose them", async () => {
  const grid = await open();

  for (const key of ["j", "j", "k", "x"]) await press(key);
  expect(grid.getAttribute("aria-activedescendant")).toBe("session-row-1");
  await press("j", true);

  const chosen = [...grid.querySelectorAll('[aria-selected="true"]')].map((row) => row.id);
  expect(chosen).toEqual(["session-row-1", "session-row-2"]);
});

test("all that were read can be chosen, not only those that are seen", async () => {
  await open();

  await act(async () => void dispatchEvent(new KeyboardEvent("keydown", { key: "a", ctrlKey: true })));

  expect(document.querySelector("output")?.textContent).toBe(String(PAGE));
});
