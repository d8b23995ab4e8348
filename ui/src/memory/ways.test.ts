import { expect, test } from "vitest";

import type { Health } from "@/api/types";
import { waysToRemember } from "@/memory/ways";

const textsOf = (health: Health | undefined, project?: string) =>
  waysToRemember(health, project).flatMap((way) => way.commands.map(({ text }) => text));

test("commands name the data folder and the project, as a shell and as Python take them", () => {
  const health = { program: "agentreplay", examination: { folder: "/a b" } } as Health;

  const [say, program, agent] = textsOf(health, 'x"y');

  expect(say).toContain(`agentreplay --db-path '/a b' --project 'x"y' memory add`);
  expect(program).toContain('with Memory(db_path="/a b", project="x\\"y") as memory:');
  expect(agent).toContain("-- agentreplay --db-path '/a b'");
});

test("where nothing is told of the folder the commands are bare", () => {
  expect(textsOf(undefined).map((text) => text.split("\n")[0])).toEqual([
    'agentreplay memory add "Deploys wait for the nightly tests"',
    "from agentreplay import Memory",
    "claude mcp add agentreplay -- agentreplay mcp",
  ]);
});
