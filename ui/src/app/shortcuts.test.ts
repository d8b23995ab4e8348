import { expect, test } from "vitest";

import { belongsElsewhere } from "@/app/shortcuts";

function pressedIn(html: string, pressed: string): boolean {
  document.body.innerHTML = html;
  const event = new KeyboardEvent("keydown", { bubbles: true });
  let told = false;
  const hear = (one: KeyboardEvent) => {
    told = belongsElsewhere(one, pressed);
  };
  addEventListener("keydown", hear, { once: true });
  document.querySelector("#here")?.dispatchEvent(event);
  return told;
}

test.each([
  ["j", '<div id="here"></div>', false],
  ["j", '<input id="here">', true],
  ["x", '<input type="checkbox" id="here">', false],
  ["escape", '<input id="here">', false],
  ["mod+k", '<input id="here">', false],
  ["enter", '<button id="here"></button>', true],
  ["enter", '<a href="/x"><b id="here"></b></a>', true],
  ["j", '<button id="here"></button>', false],
  ["enter", '<div role="dialog"><p id="here"></p></div>', true],
  ["j", '<div role="menu"><p id="here"></p></div>', true],
  ["mod+k", '<div role="dialog"><p id="here"></p></div>', false],
])("%s in %s: for what has the focus is %s", (pressed, html, told) => expect(pressedIn(html, pressed)).toBe(told));
