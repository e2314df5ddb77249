"use strict";
// `index` is set by index.js: the places, and for each word where it stands.

const field = document.querySelector(".find input");
const results = document.getElementById("results");
const count = document.getElementById("count");
const MOST = 60;

// A place of prose has its page's title and its heading; one of code, the path of its file.
function titleOf(address) {
  const [page, anchor = ""] = address.split("#");
  const title = index.titles[address] || index.titles[page];
  return anchor && !index.titles[address] ? `${title}: ${anchor.replaceAll("-", " ")}` : title;
}

// A place scores by how well the word fits: whole, at its beginning, or somewhere in it.
function placesOf(word) {
  const found = new Map();
  for (const [known, places] of Object.entries(index.words)) {
    const fit = known === word ? 4 : known.startsWith(word) ? 2 : known.includes(word) ? 1 : 0;
    if (!fit) continue;
    for (const place of places.split(" ")) {
      const [number, line = ""] = place.split(":");
      const before = found.get(number);
      if (!before || before.fit < fit) found.set(number, { fit, line });
    }
  }
  return found;
}

function search(text) {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) || [];
  const [first, ...others] = words.map(placesOf);
  if (!first) return [];
  return [...first]
    .filter(([number]) => others.every((other) => other.has(number)))
    .map(([number, { fit, line }]) => {
      const address = index.places[number];
      const title = titleOf(address);
      const named = words.some((word) => title.toLowerCase().includes(word));
      const rest = others.reduce((sum, other) => sum + other.get(number).fit, 0);
      return { title, address, line, score: fit + rest + (named ? 3 : 0), number: Number(number) };
    })
    .sort((one, other) => other.score - one.score || one.number - other.number);
}

function show(text) {
  const found = search(text);
  results.replaceChildren(...found.slice(0, MOST).map(({ title, address, line }) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = /[-#]$/.test(address) ? address + line : address;
    link.textContent = line ? `${title}:${line}` : title;
    item.append(link);
    return item;
  }));
  count.textContent = text.trim() ? `${found.length} place${found.length === 1 ? "" : "s"}` : "";
}

field.value = new URLSearchParams(location.search).get("q") || "";
field.addEventListener("input", () => show(field.value));
show(field.value);
