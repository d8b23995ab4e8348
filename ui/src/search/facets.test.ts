import { expect, test } from "vitest";

import type { Hit } from "@/api/types";
import { valuesOf } from "@/search/facets";

const hit = (kind: string, model: string | null = null) => ({ span: { kind, model, status: "unset" } }) as Hit;

test("values are counted, most first", () => {
  expect(valuesOf("kind", [hit("llm"), hit("tool"), hit("tool")], "refund")).toEqual([
    { value: "tool", term: "kind:tool", hits: 2, isAsked: false },
    { value: "llm", term: "kind:llm", hits: 1, isAsked: false },
  ]);
});

test("what is asked for can be taken away even when nothing is found", () => {
  expect(valuesOf("model", [hit("llm")], 'model:"gpt 5" refund')).toEqual([
    { value: '"gpt 5"', term: 'model:"gpt 5"', hits: 0, isAsked: true },
  ]);
});

test("what is asked for and found is there once", () => {
  expect(valuesOf("model", [hit("llm", "gpt-5")], "model:gpt-5")).toEqual([
    { value: "gpt-5", term: "model:gpt-5", hits: 1, isAsked: true },
  ]);
});

test("a status that nobody set narrows nothing", () => {
  expect(valuesOf("status", [hit("llm")], "")).toEqual([]);
});
