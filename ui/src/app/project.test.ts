import { expect, test } from "vitest";

import { initials } from "@/app/project";

test.each([
  ["shop", "sh"],
  ["web shop", "ws"],
  ["my-coding_agents", "mc"],
  ["7", "7"],
  ["--", "--"],
])("%s is %s in the rail", (project, told) => expect(initials(project)).toBe(told));
