import { expect, test } from "vitest";

import { sourcesOf } from "@/settings/snippets";

const HERE = { origin: "http://127.0.0.1:47100", folder: "/home/you/my data", program: "agentreplay", hasKey: false };
const all = (here: typeof HERE) => sourcesOf(here).flatMap((source) => source.snippets.map((one) => one.text));

test("all that goes to the server goes to its own address", () => {
  const addresses = all({ ...HERE, origin: "http://10.0.0.7:9" }).flatMap(
    (text) => text.match(/http:\/\/[\d.:]+/g) ?? [],
  );

  expect(new Set(addresses)).toEqual(new Set(["http://10.0.0.7:9"]));
  expect(addresses.length).toBeGreaterThan(8);
});

test("a folder with spaces is quoted for the shell", () => {
  expect(all(HERE)[0]).toBe("export AGENTREPLAY_DB='/home/you/my data'\nagentreplay run -- python agent.py");
});

test("keys are spoken of only where the server wants one", () => {
  const far = { ...HERE, origin: "http://10.0.0.7:9" };

  expect(all(far).some((text) => text.includes("KEY=KEY") || text.includes("Bearer"))).toBe(false);
  expect(all({ ...far, hasKey: true }).filter((text) => text.includes("Bearer")).length).toBe(3);
  expect(all({ ...far, hasKey: true }).filter((text) => text.includes("KEY=KEY")).length).toBe(1);
});

test("another machine is told of a server only where it can reach it", () => {
  expect(all(HERE).some((text) => text.includes("AGENTREPLAY_URL"))).toBe(false);
});
