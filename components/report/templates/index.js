
// The index: filters the rows, and shows the differences of two runs.
const shown = JSON.parse(document.getElementById("data").textContent);
const rows = [...document.querySelectorAll("#runs tbody tr")];

function filter() {
  const words = document.getElementById("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  let visible = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    visible += !row.hidden;
  }
  document.getElementById("count").textContent = `${visible} of ${rows.length} runs.`;
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
  // The older run first. The rows have the newest first; ids do not order runs that began in the same second.
  const chosen = rows.filter((row) => row.querySelector("input").checked).map((row) => row.dataset.run).reverse();
  for (const row of rows) {
    const box = row.querySelector("input");
    box.disabled = chosen.length >= 2 && !box.checked;
  }
  place.replaceChildren();
  if (chosen.length !== 2) return;
  const found = differences(shown.runs[chosen[0]], shown.runs[chosen[1]]);
  place.append(element("h3", `${chosen[0]} and ${chosen[1]}`));
  if (found.length) {
    const head = element("tr", "", ...["Part", "Name", ...chosen].map((name) => element("th", name)));
    const words = (value) => (value === undefined || value === null ? "–" : String(value));
    const body = found.map(([part, name, ...values]) =>
      element("tr", "", element("td", part), element("td", name), ...values.map((value) => element("td", words(value)))),
    );
    place.append(element("table", "", element("thead", "", head), element("tbody", "", ...body)));
  } else {
    place.append(element("p", "Settings, metrics, artifacts and environment are the same."));
  }
  place.append(element("pre", shown.diff.replace("{runs}", chosen.join(" "))));
}

document.getElementById("filter").addEventListener("input", filter);
for (const row of rows) row.querySelector("input").addEventListener("change", compare);
filter();
