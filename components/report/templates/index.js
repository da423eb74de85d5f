
// The index: a filter over the rows, and what differs between two of them.
const told = JSON.parse(document.getElementById("data").textContent);
const rows = [...document.querySelectorAll("#runs tbody tr")];

function filter() {
  const words = document.getElementById("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    shown += !row.hidden;
  }
  document.getElementById("count").textContent = `${shown} of ${rows.length} runs.`;
}

function element(name, text, ...children) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

function differences(one, other) {
  const found = [];
  for (const part of ["settings", "metrics", "artifacts", "environment"]) {
    const names = new Set([...Object.keys(one[part]), ...Object.keys(other[part])]);
    for (const name of [...names].sort()) {
      const values = [one[part][name], other[part][name]];
      if (JSON.stringify(values[0]) !== JSON.stringify(values[1])) found.push([part, name, ...values]);
    }
  }
  return found;
}

function compare() {
  const place = document.getElementById("comparison");
  // The older one first. Rows came with the newest first; ids of runs begun in one second tell nothing of their order.
  const chosen = rows.filter((row) => row.querySelector("input").checked).map((row) => row.dataset.run).reverse();
  for (const row of rows) {
    const box = row.querySelector("input");
    box.disabled = chosen.length >= 2 && !box.checked;
  }
  place.replaceChildren();
  if (chosen.length !== 2) return;
  const found = differences(told.runs[chosen[0]], told.runs[chosen[1]]);
  place.append(element("h3", `${chosen[0]} against ${chosen[1]}`));
  if (found.length) {
    const head = element("tr", "", ...["Part", "What", ...chosen].map((name) => element("th", name)));
    const shown = (value) => (value === undefined || value === null ? "–" : String(value));
    const body = found.map(([part, name, ...values]) =>
      element("tr", "", element("td", part), element("td", name), ...values.map((value) => element("td", shown(value)))),
    );
    place.append(element("table", "", element("thead", "", head), element("tbody", "", ...body)));
  } else {
    place.append(element("p", "The same settings, metrics, artifacts and environment."));
  }
  place.append(element("pre", told.diff.replace("{runs}", chosen.join(" "))));
}

document.getElementById("filter").addEventListener("input", filter);
for (const row of rows) row.querySelector("input").addEventListener("change", compare);
filter();
