import { expect, test } from "vitest";

import { waysToRemember } from "@/memory/ways";

test("commands name the data folder and the project, as a shell and as Python take them", () => {
  const [say, program, agent] = waysToRemember("/a b", 'x"y').map(({ text }) => text);

  expect(say).toContain(`agentreplay --db-path '/a b' --project 'x"y' memory add`);
  expect(program).toContain('with Memory(db_path="/a b", project="x\\"y") as memory:');
  expect(agent).toContain("-- agentreplay --db-path '/a b'");
});

test("where nothing is told of the folder the commands are bare", () => {
  expect(waysToRemember(null, undefined).map(({ text }) => text.split("\n")[0])).toEqual([
    'agentreplay memory add "Deploys wait for the nightly tests"',
    "from agentreplay import Memory",
    "claude mcp add agentreplay -- agentreplay mcp",
  ]);
});
