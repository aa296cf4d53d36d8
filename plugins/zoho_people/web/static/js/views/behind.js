/** Who is behind: learners with open mandatory items, to search, sort, filter and take along. */

import { parameters, search } from "../address.js";
import { url } from "../api.js";
import { h } from "../dom.js";
import { select } from "../filters.js";
import { counted, number } from "../format.js";
import { behindByGroup } from "../groups.js";
import { behindTable } from "../parts.js";

const PAGE = 50;
const usualSort = (options) => (options.has_deadlines ? "-days_overdue" : "-open_mandatory");

function downloads(state) {
  const query = parameters(state, "q", "min_days_overdue", "sort");
  const link = (format, text) =>
    h("a", { class: "button", href: url(`behind.${format}`, query), download: "" }, text);
  const note = h(
    "small",
    {},
    "A spreadsheet rounds ids of 19 digits unless their column is text; Parquet keeps them.",
  );
  return h(
    "div",
    {},
    h("p", { class: "actions" }, link("csv", "Download CSV"), link("parquet", "Download Parquet")),
    note,
  );
}

function pages({ total }, { state }) {
  const offset = Number(state.offset) || 0;
  if (total <= PAGE && !offset) return "";
  const to = (start) => search({ ...state, offset: start > 0 ? String(start) : "" });
  const link = (key, start, text, there) =>
    there
      ? h("a", { class: "button", href: to(start), "data-key": key }, text)
      : h("span", { class: "button off", "aria-disabled": "true" }, text);
  return h(
    "nav",
    { class: "pages", "aria-label": "Pages" },
    link("previous", offset - PAGE, "Previous", offset > 0),
    h(
      "span",
      {},
      `${number(Math.min(offset + 1, total))}–${number(Math.min(offset + PAGE, total))} of ${number(total)}`,
    ),
    link("next", offset + PAGE, "Next", offset + PAGE < total),
  );
}

/** On a phone the rows are cards without header cells to press. */
function sorting({ state, options, go, mayName }) {
  const values = [
    options.has_deadlines && ["-days_overdue", "Days overdue"],
    ["-open_mandatory", "Open mandatory items"],
    ["share", "Least progress"],
    mayName && ["name", "Learner"],
    ["course_name", "Course"],
  ].filter(Boolean);
  return [
    select({
      label: "Sort by",
      value: state.sort || usualSort(options),
      values,
      onChange: (sort) => go({ sort, offset: "" }),
      key: "sort",
      className: "phone",
    }),
  ];
}

export const behind = {
  title: "Who is behind",
  filters: ["q", "course", "department", "manager", "location", "min_days_overdue"],
  groups: true,
  alsoFinds: ", or by department or course",
  fields: sorting,
  load: (ask, { state, options }) =>
    ask(
      "behind",
      { ...state, sort: state.sort || usualSort(options), limit: String(PAGE) },
      "q",
      "min_days_overdue",
      "sort",
      "offset",
      "limit",
      "group_by",
    ),
  tell: ({ total }) => `Who is behind: ${counted(total ?? 0, "line")}`,
  show(data, page) {
    const { state, options, go } = page;
    // There is nothing that far down: who was behind no longer is, or the address is an old one.
    if (data.total === null)
      return h(
        "p",
        { class: "empty" },
        "There is no such page. ",
        h("a", { href: search({ ...state, offset: "" }) }, "The first page"),
      );
    const sort = state.sort || usualSort(options);
    const caption = "Learners with open mandatory items, one line for each learner and course";
    const empty = "Nobody is behind for this choice: all mandatory items are completed.";
    return [
      h(
        "div",
        { class: "headline" },
        h(
          "p",
          {},
          h("strong", {}, number(data.total)),
          ` ${data.total === 1 ? "line" : "lines"}: one for each learner and course with mandatory items that are not completed.`,
        ),
        downloads(state),
      ),
      behindByGroup(data.groups, page),
      behindTable({
        page,
        rows: data.rows,
        sort,
        caption,
        empty,
        onSort: (each) => go({ sort: each, offset: "" }),
      }),
      pages(data, page),
    ];
  },
};
