"use strict";
// A button in each header sorts its table: numbers by data-sort, the rest as text; empty cells stay at the end.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => sort(table, body, header, column));
  });
}

function sort(table, body, header, column) {
  const up = header.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", up ? "ascending" : "descending");
  const keyed = [...body.rows].map((row) => [key(row.cells[column]), row]);
  keyed.sort(([a], [b]) => compare(a, b, up ? 1 : -1));
  body.append(...keyed.map(([, row]) => row));
}

function key(cell) {
  const text = cell.textContent.trim();
  return "sort" in cell.dataset ? Number(cell.dataset.sort) : text;
}

function compare(a, b, sign) {
  if (a === "" || b === "") return (a === "") - (b === "");
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  if (typeof a === typeof b) return sign * a.localeCompare(b, "en", { numeric: true });
  return sign * (typeof a === "number" ? -1 : 1);
}
