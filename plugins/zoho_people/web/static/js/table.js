/** Tables: caption, header cells with scope, sorting by buttons; on a phone each row is a card. */

import { h } from "./dom.js";
import { counted, number, percent } from "./format.js";

const arrow = (direction) =>
  h("span", { class: "arrow", "aria-hidden": "true" }, { ascending: "▲", descending: "▼" }[direction] ?? "");

function direction(column, sort) {
  if (sort === column.key) return "ascending";
  return sort === `-${column.key}` ? "descending" : undefined;
}

/** Numbers are first sorted from the greatest on, text from A on. */
function next(column, sort) {
  const first = column.number ? `-${column.key}` : column.key;
  const second = column.number ? column.key : `-${column.key}`;
  return sort === first ? second : first;
}

function headerCell(column, sort, onSort, caption) {
  const sorted = direction(column, sort);
  const title = [column.title, arrow(sorted)];
  const button = () =>
    h(
      "button",
      {
        type: "button",
        "data-key": `sort ${caption} ${column.key}`,
        onclick: () => onSort(next(column, sort)),
      },
      title,
    );
  return h(
    "th",
    {
      scope: "col",
      role: "columnheader",
      class: column.number && "number",
      "aria-sort": sorted,
      title: column.hint,
    },
    onSort && column.sort !== false ? button() : column.title,
  );
}

function bodyCell(column, row, index) {
  const content = h("div", {}, column.cell ? column.cell(row) : (row[column.key] ?? "–"));
  const attributes = {
    class: ["number", "tight", "text"].find((name) => column[name]),
    "data-label": column.title,
  };
  if (index === 0) return h("th", { scope: "row", role: "rowheader", ...attributes }, content);
  return h("td", { role: "cell", ...attributes }, content);
}

/** A table; `columns`: `{key, title, hint?, number?, tight?, text?, sort?, cell?(row)}`, `onSort(sort)` where it can be sorted. */
export function table({ caption, columns, rows, sort = "", onSort, empty = "Nothing to show." }) {
  if (!rows.length) return h("p", { class: "empty" }, empty);
  return h(
    "div",
    { class: "scroll", role: "group", tabindex: "0", "aria-label": caption },
    h(
      "table",
      { class: columns.length > 2 && "stack", role: "table" },
      h("caption", { class: "unseen" }, caption),
      h(
        "thead",
        { role: "rowgroup" },
        h(
          "tr",
          { role: "row" },
          columns.map((column) => headerCell(column, sort, onSort, caption)),
        ),
      ),
      h(
        "tbody",
        { role: "rowgroup" },
        rows.map((row) =>
          h(
            "tr",
            { role: "row" },
            columns.map((column, index) => bodyCell(column, row, index)),
          ),
        ),
      ),
    ),
  );
}

function compare(left, right) {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right), undefined, { numeric: true });
}

/** Rows in the order of `sort`; what has no value comes last. */
export function sorted(rows, sort) {
  const key = sort.replace(/^-/, "");
  const sign = sort.startsWith("-") ? -1 : 1;
  const known = (value) => value !== null && value !== undefined;
  return rows.toSorted((one, other) => {
    const [left, right] = [one[key], other[key]];
    if (known(left) && known(right)) return sign * compare(left, right);
    return known(right) - known(left);
  });
}

/** How the reader wants each table, by its caption: an answer that comes anew changes nothing of it. */
const wanted = new Map();

/** A table that the browser sorts, with its first rows and a button for the rest. */
export function localTable({ rows, sort, head = 12, noun = "row", ...rest }) {
  const place = h("div", {});
  const show = (change) => {
    const key = document.activeElement?.dataset?.key;
    const now = { sort, ...wanted.get(rest.caption), ...change };
    wanted.set(rest.caption, now);
    const short = !now.all && rows.length > head + 3;
    const ordered = sorted(rows, now.sort);
    const more = { type: "button", onclick: () => show({ all: true }) };
    place.replaceChildren(
      table({
        ...rest,
        rows: short ? ordered.slice(0, head) : ordered,
        sort: now.sort,
        onSort: (each) => show({ sort: each }),
      }),
      short ? h("button", more, `Show all ${counted(rows.length, noun)}`) : "",
    );
    if (change && key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  };
  show();
  return place;
}

/** A share as a bar with its number, and what it is a share of. */
export function shareBar(share, part, whole) {
  const known = share !== null && share !== undefined;
  return h(
    "span",
    { class: "share" },
    h("span", { class: "share-bar", "aria-hidden": "true", style: { "--share": known ? share : 0 } }),
    h("span", { class: "share-number" }, percent(share)),
    whole === undefined ? "" : h("span", { class: "share-of" }, `${number(part)} of ${number(whole)}`),
  );
}
