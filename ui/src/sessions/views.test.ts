import { expect, test } from "vitest";

import { type View, viewsIn, withView } from "@/sessions/views";

const view = (name: string, q = ""): View => ({ name, q, columns: ["name", "cost"] });

test("what was stored comes back, and what is no view is left out", () => {
  const stored = JSON.stringify([view("dear", "cost>1"), { name: 7 }, null]);

  expect(viewsIn(stored)).toEqual([view("dear", "cost>1")]);
});

test.each([null, "", "{", '{"a":1}'])("%s holds no views", (stored) => expect(viewsIn(stored)).toEqual([]));

test("a view of the same name is replaced, and views are in the order of their names", () => {
  const views = withView(withView([view("b")], view("a")), view("b", "status:failed"));

  expect(views).toEqual([view("a"), view("b", "status:failed")]);
});
