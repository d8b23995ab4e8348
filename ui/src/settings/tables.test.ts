import { expect, test } from "vitest";

import { partsOf } from "@/settings/tables";

test("tables are gathered, and no byte is lost", () => {
  const tables = {
    span: 10,
    span_by_start: 30,
    body: 5,
    content_text_data: 7,
    rollup: 1,
    sqlite_autoindex_trace_1: 2,
    meta: 4,
    memory_text_data: 3,
    fact_log: 6,
  };

  const parts = partsOf(tables);

  expect(parts.map(({ label, bytes }) => [label, bytes])).toEqual([
    ["Span indexes", 30],
    ["Spans", 10],
    ["Full text", 7],
    ["Facts", 6],
    ["Contents and contexts", 5],
    ["Everything else", 4],
    ["Memory", 3],
    ["Sessions", 2],
    ["Measures", 1],
  ]);
});
