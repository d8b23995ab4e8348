import { expect, test } from "vitest";

import { exampleOf } from "@/settings/patterns";

test.each([
  ["gpt-5", "gpt-5"],
  ["claude-2* or *claude-v2*", "claude-2"],
  ["openai/gpt-4-32k or openai/gpt-4-32k-0314", "openai/gpt-4-32k"],
])("%s means %s", (pattern, model) => expect(exampleOf(pattern)).toBe(model));
