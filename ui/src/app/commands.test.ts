import { expect, test } from "vitest";

import type { Health } from "@/api/types";
import { programOf, quoted } from "@/app/commands";

test.each([
  ["/plain/path", "/plain/path"],
  ["/my data", "'/my data'"],
  ["it's", "'it'\\''s'"],
  ["$HOME", "'$HOME'"],
])("%s is written %s", (word, written) => expect(quoted(word)).toBe(written));

test("a command begins with the program that serves the page, and names its data folder", () => {
  const health = { program: "/my/.venv/bin/agentreplay", examination: { folder: "/my data" } } as Health;

  expect(programOf(health)).toBe("/my/.venv/bin/agentreplay --db-path '/my data'");
  expect(programOf(undefined)).toBe("agentreplay");
});
