import { afterEach, expect, test, vi } from "vitest";

import { get } from "@/api/client";
import { askEarly, takeEarly } from "@/api/early";

afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

const answered = () => vi.fn(async (_url: string, _how?: RequestInit) => new Response('{"id":"one"}'));

test("what was asked early is not asked again, and the next time it is", async () => {
  const fetched = answered();
  vi.stubGlobal("fetch", fetched);

  askEarly("/sessions/one", { project: "demo" });
  const first = await get("/sessions/one", { project: "demo" });
  expect(fetched).toHaveBeenCalledTimes(1);
  await get("/sessions/one", { project: "demo" });

  expect(first).toEqual({ id: "one" });
  expect(fetched).toHaveBeenCalledTimes(2);
});

test("it is asked with the key of the server", () => {
  const fetched = answered();
  vi.stubGlobal("fetch", fetched);
  sessionStorage.setItem("agentreplay.key", "secret");

  askEarly("/sessions/one", {});

  expect(fetched.mock.calls[0]?.[1]?.headers).toEqual({ authorization: "Bearer secret" });
  takeEarly("/api/v1/sessions/one");
});

test("whoever takes it hears that the server is away", async () => {
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => {
      throw new TypeError("away");
    }),
  );

  askEarly("/sessions/two", {});

  await expect(get("/sessions/two")).rejects.toMatchObject({ isOffline: true });
});
