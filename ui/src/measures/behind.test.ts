import { expect, test } from "vitest";

import { behind } from "@/measures/behind";

const SINCE = Date.UTC(2026, 2, 31, 12);
const UNTIL = Date.UTC(2026, 2, 31, 13);
const WHEN = "since:2026-03-31T12:00Z until:2026-03-31T13:00Z";

test("a model leads to its sessions", () => {
  expect(behind({ model: "gpt-5", project: "shop" }, SINCE, UNTIL)).toEqual({
    to: "/sessions",
    search: { q: `model:gpt-5 ${WHEN}`, project: "shop" },
  });
});

test("what sessions are not known by leads to spans", () => {
  expect(behind({ kind: "tool", model: "gpt-5" }, SINCE, UNTIL).to).toBe("/search");
  expect(behind({}, SINCE, UNTIL)).toEqual({ to: "/sessions", search: { q: WHEN } });
});

test("a value with spaces or quotes is quoted", () => {
  expect(behind({ tool: 'web "deep" search' }, SINCE, UNTIL).search.q).toBe(`tool:"web \\"deep\\" search" ${WHEN}`);
});
