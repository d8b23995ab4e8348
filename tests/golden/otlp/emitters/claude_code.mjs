/** Claude Code, asked one thing in a folder of its own, with its telemetry switched on as its users do. */

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const command = createRequire(import.meta.url).resolve("@anthropic-ai/claude-code/cli-wrapper.cjs");
// Its name is told in what tools answer, and is the same for everybody.
const home = join(tmpdir(), "weather");
mkdirSync(home, { recursive: true });
const asked = ["--print", "What is the weather in Paris?", "--model", "claude-sonnet-4-5", "--tools", "Read"];
const { status } = spawnSync(process.execPath, [command, ...asked], {
  cwd: home,
  env: { ...process.env, HOME: home },
  stdio: ["ignore", "inherit", "inherit"],
});
rmSync(home, { recursive: true });
process.exit(status ?? 1);
