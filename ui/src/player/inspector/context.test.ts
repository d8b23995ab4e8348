import { expect, test } from "vitest";

import type { Exchange, Step, Turn, Usage } from "@/api/types";
import { changeOf, slicesOf, tokensOf } from "@/player/inspector/context";

const step = (kind: Step["kind"], count = 1): Step => ({ kind, count, before: null, after: null, differences: [] });
const turn = (previous: boolean, ...steps: Step[]) => ({ previous: previous ? {} : null, steps }) as unknown as Turn;

test("the parts of a context are those of its roles, its tools, and its images without what they are written in", () => {
  const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(900)}` } };
  const messages = [
    { role: "user", message: { role: "user", content: [image] } },
    { role: "user", message: { role: "user", content: "Hi" } },
    { role: "tool", message: { role: "tool", tool_call_id: "a", content: "x" } },
  ];
  const call = { asked: { value: { tools: [{ name: "look" }] } } } as unknown as Exchange;

  const slices = slicesOf(messages, call);

  expect(slices.map(({ role, count }) => [role, count])).toEqual([
    ["tools offered", 1],
    ["user", 2],
    ["image", 1],
    ["tool", 1],
  ]);
  expect(slices[1]?.size).toBeLessThan(200);
});

test("a context from which much went and into which little came was made short", () => {
  expect(changeOf(turn(true, step("same", 2), step("dropped", 1), step("dropped", 8), step("added"))).isCompacted).toBe(
    true,
  );
  expect(changeOf(turn(true, step("same", 9), step("added", 2))).isCompacted).toBe(false);
  expect(changeOf(turn(false, step("added", 2)))).toMatchObject({ added: 2, same: 0, isCompacted: false });
});

test("the tokens that were read are told of each part by its characters, but not beside an image", () => {
  const usage = { input: 60, cache_read: 20, cache_write_5m: 0, cache_write_1h: 0, output: 900 } as Usage;
  const [system, user] = [
    { role: "system", size: 300, count: 1 },
    { role: "user", size: 100, count: 2 },
  ];
  const image = { role: "image", size: 0, count: 1 };

  expect([system, user].map((one) => tokensOf(one, [system, user], usage))).toEqual([60, 20]);
  expect(tokensOf(user, [system, user, image], usage)).toBeNull();
  expect(tokensOf(user, [system, user], { ...usage, input: 0, cache_read: 0 })).toBeNull();
});
