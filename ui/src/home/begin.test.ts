import { expect, test } from "vitest";

import { waysToBegin } from "@/home/begin";

const here = { origin: "http://127.0.0.1:4711", program: "agentreplay --db-path /home/you/data", needsKey: false };
const textsOf = (place: typeof here) => waysToBegin(place).flatMap((way) => way.commands.map((one) => one.text));

test("commands name this server and its data folder", () => {
  const texts = textsOf(here);

  expect(texts[0]).toBe("agentreplay --db-path /home/you/data demo");
  expect(texts.slice(2).every((text) => text.includes("http://127.0.0.1:4711"))).toBe(true);
});

test("a key is asked for only where the server wants one", () => {
  expect(textsOf(here).join("\n")).not.toContain("HEADERS");
  const texts = textsOf({ ...here, needsKey: true }).join("\n");
  expect(texts).toContain("authorization=Bearer%20YOUR_KEY");
  expect(texts).toContain("x-agentreplay-key: YOUR_KEY");
});
