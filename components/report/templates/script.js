"use strict";
// Charts by plotly in the page's colours, tables that sort. Everything is in this file; nothing is fetched.

function coloured(value) {
  // "--ink" and its like stand for the variables of the style sheet.
  if (typeof value === "string" && value.startsWith("--")) {
    return getComputedStyle(document.documentElement).getPropertyValue(value).trim();
  }
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, coloured(part)]));
  }
  return value;
}

function draw() {
  for (const chart of document.querySelectorAll(".chart")) {
    const spec = coloured(JSON.parse(chart.nextElementSibling.textContent));
    Plotly.react(chart, spec.data, { ...spec.layout, width: chart.clientWidth }, { displayModeBar: false });
  }
}

function sortBy(button) {
  const header = button.parentElement, table = header.closest("table"), body = table.tBodies[0];
  const column = header.cellIndex, number = header.classList.contains("number");
  const falling = header.ariaSort ? header.ariaSort === "ascending" : number;
  for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", falling ? "descending" : "ascending");
  const key = (row) => {
    const given = row.cells[column].dataset.key;
    return number ? Number(given) : given;
  };
  const compare = (a, b) => (number ? a - b : a.localeCompare(b));
  const rows = [...body.rows].map((row) => [key(row), row]);
  rows.sort(([a], [b]) => (falling ? compare(b, a) : compare(a, b)));
  body.append(...rows.map(([, row]) => row));
}

for (const button of document.querySelectorAll("th button")) button.addEventListener("click", () => sortBy(button));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
let width = 0;
new ResizeObserver(() => {
  if (document.body.clientWidth !== width) draw();
  width = document.body.clientWidth;
}).observe(document.body);
// On paper: dark on light, one column, whatever the screen has.
const forPaper = (on) => () => {
  document.documentElement.toggleAttribute("data-print", on);
  draw();
};
addEventListener("beforeprint", forPaper(true));
addEventListener("afterprint", forPaper(false));
