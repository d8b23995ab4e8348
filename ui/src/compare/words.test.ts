import { expect, test } from "vitest";

import { type Piece, wordsOf } from "@/compare/words";

const marked = (pieces: Piece[]) => pieces.map(({ text, isOwn }) => (isOwn ? `[${text}]` : text)).join("");

test("a word that changed is told alone", () => {
  const [before, after] = wordsOf("Order 7 ships on Friday.", "Order 7 ships on Monday.");

  expect([marked(before), marked(after)]).toEqual(["Order 7 ships on [Friday].", "Order 7 ships on [Monday]."]);
});

test("what was put in is told on its side only", () => {
  const [before, after] = wordsOf("a c e", "a b c d e");

  expect([marked(before), marked(after)]).toEqual(["a c e", "a [b ]c[ d] e"]);
});

test("texts without anything in common, empty ones and very long ones are told whole", () => {
  expect(wordsOf("", "x").map(marked)).toEqual(["", "[x]"]);
  const [one, other] = ["a ".repeat(5_000), "b ".repeat(5_000)];
  expect(wordsOf(one, other).map((pieces) => pieces.map((piece) => piece.text).join(""))).toEqual([one, other]);
});
