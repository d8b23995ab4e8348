import { expect, test } from "vitest";
import type { Session } from "@/api/types";
import { askedOf, columnsOf, USUAL, withColumn } from "@/sessions/asked";
import { added, keyOf, renewed, turned } from "@/sessions/chosen";

const session = (id: string, project = "shop") => ({ id, project, name: id }) as Session;

test("an address without a question asks for all sessions", () => {
  expect(askedOf({})).toEqual({ q: "", project: undefined, columns: USUAL });
});

test("what looks like a number in the address is the text that was typed", () => {
  expect(askedOf({ q: 404, project: 7 })).toMatchObject({ q: "404", project: "7" });
});

test("columns stand in their one order, and the name is always there", () => {
  expect(columnsOf("cost,agent,nonsense")).toEqual(["name", "agent", "cost"]);
  expect(columnsOf("nonsense")).toBeNull();
  expect(columnsOf("name")).toEqual(["name"]);
});

test("a column is taken away and put back", () => {
  expect(withColumn(["name", "cost"], "cost")).toEqual(["name"]);
  expect(withColumn(["name", "cost"], "agent")).toEqual(["name", "agent", "cost"]);
});

test("sessions of the same id in two projects are two", () => {
  const chosen = added(new Map(), [session("a"), session("a", "lab")]);

  expect(chosen.size).toBe(2);
  expect([...turned(chosen, session("a")).keys()]).toEqual([keyOf(session("a", "lab"))]);
});

test("what is gone is no longer chosen, and what is not chosen stays so", () => {
  const chosen = added(new Map(), [session("a"), session("b")]);
  const changed = new Map([
    [keyOf(session("a")), null],
    [keyOf(session("c")), session("c")],
  ]);

  expect([...renewed(chosen, changed).keys()]).toEqual([keyOf(session("b"))]);
});
