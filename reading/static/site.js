"use strict";
// What every page gets on top of its text: copying, arrow keys in a pair, and "/" for the search.

document.addEventListener("keydown", (event) => {
  const writing = event.target.closest("input, textarea, select");
  if (event.key !== "/" || writing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  document.querySelector(".find input").focus();
});

// Only one side is selected: the other one would come along line by line.
function selectOneSide(table) {
  table.addEventListener("mousedown", (event) => {
    const cell = event.target.closest("td");
    if (!cell) return;
    table.classList.toggle("left", cell.cellIndex === 0);
    table.classList.toggle("right", cell.cellIndex === 1);
  });
}

function lines(table, side) {
  return [...table.tBodies[0].rows].map((row) => row.cells[side]).filter((cell) => cell.firstChild);
}

// A blank line has a number, but no anchor.
function anchors(table, side) {
  return lines(table, side).filter((cell) => cell.id);
}

function offerCopy(table) {
  table.querySelectorAll(".copy").forEach((button, side) => {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const text = lines(table, side).map((cell) => [...cell.childNodes].slice(1).map((node) => node.textContent).join(""));
      await navigator.clipboard.writeText(`${text.join("\n")}\n`);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  });
}

// Tab leads to the first line number of each side, arrows lead on; else every line were a stop.
function walkByArrows(table) {
  const number = (cell) => cell && cell.querySelector("a");
  for (const side of [0, 1]) {
    anchors(table, side).forEach((cell, index) => { number(cell).tabIndex = index ? -1 : 0; });
  }
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    const along = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const across = { ArrowLeft: 0, ArrowRight: 1 }[event.key];
    if (!cell || (along === undefined && across === undefined)) return;
    let next = null;
    if (along) {
      const column = anchors(table, cell.cellIndex);
      next = column[column.indexOf(cell) + along];
    } else {
      const other = cell.parentElement.cells[across];
      next = other && other.id ? other : null;
    }
    if (!number(next)) return;
    event.preventDefault();
    number(event.target.closest("td")).tabIndex = -1;
    number(next).tabIndex = 0;
    number(next).focus();
  });
}

for (const table of document.querySelectorAll("table.pair")) {
  selectOneSide(table);
  offerCopy(table);
  if (table.querySelector("td[id]")) walkByArrows(table);
}
