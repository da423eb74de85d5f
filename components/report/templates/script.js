"use strict";
// Draws the charts with plotly in the colors of the page, and sorts tables. The page loads nothing from elsewhere.

async function unpackPlotly() {
  const packed = Uint8Array.from(atob(document.getElementById("plotly").textContent), (byte) => byte.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(unpacked).text();
  document.head.append(script);
}

function cannotDraw() {
  for (const chart of document.querySelectorAll(".chart")) {
    chart.textContent = "This browser is too old to draw the charts. The tables have the same numbers.";
    chart.style.height = "auto";
  }
}

function colored(value) {
  // Strings such as "--ink" name variables of the style sheet.
  if (typeof value === "string" && value.startsWith("--")) {
    return getComputedStyle(document.documentElement).getPropertyValue(value).trim();
  }
  if (Array.isArray(value)) return value.map(colored);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, colored(part)]));
  }
  return value;
}

function draw() {
  if (!window.Plotly) return;
  for (const chart of document.querySelectorAll(".chart")) {
    const spec = colored(JSON.parse(chart.nextElementSibling.textContent));
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
unpackPlotly().then(draw, cannotDraw);
let width = 0;
new ResizeObserver(() => {
  if (document.body.clientWidth !== width) draw();
  width = document.body.clientWidth;
}).observe(document.body);
// On paper: dark on light in one column, even if the screen is dark and wide.
const forPaper = (on) => () => {
  document.documentElement.toggleAttribute("data-print", on);
  draw();
};
addEventListener("beforeprint", forPaper(true));
addEventListener("afterprint", forPaper(false));
