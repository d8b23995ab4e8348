// Finds pages that hold all the words; titles count most. PAGES stands above, so that it works from a disk too.
"use strict";

const field = document.getElementById("search");
const list = document.getElementById("found");

function rank(page, words) {
  const title = page.title.toLowerCase();
  const text = page.text.toLowerCase();
  let score = 0;
  for (const word of words) {
    if (title.includes(word)) score += 10;
    else if (text.includes(word)) score += 1;
    else return 0;
  }
  return score;
}

function passage(page, word) {
  const place = Math.max(page.text.toLowerCase().indexOf(word), 0);
  return page.text.slice(Math.max(place - 40, 0), place + 80);
}

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? [] : PAGES.map((page) => [rank(page, words), page]);
  const best = found.filter(([score]) => score > 0).sort((one, other) => other[0] - one[0]).slice(0, 12);
  list.replaceChildren(
    ...best.map(([, page]) => {
      const link = document.createElement("a");
      link.href = `${document.body.dataset.up}/${page.path}`;
      link.textContent = page.title;
      const said = document.createElement("small");
      said.textContent = passage(page, words[0]);
      const item = document.createElement("li");
      item.append(link, said);
      return item;
    }),
  );
  list.hidden = words.length === 0;
}

field.hidden = false;
field.addEventListener("input", show);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== field) {
    event.preventDefault();
    field.focus();
  }
});
