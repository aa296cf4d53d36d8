/** What several views are made of: figures in cards, sections, notices, links to other views. */

import { search } from "./address.js";
import { h, newId } from "./dom.js";
import { counted, day, number, percent, shortDay, wholePercent } from "./format.js";
import { shareOverDays } from "./chart.js";
import { shareBar, table } from "./table.js";

/** One figure: its name, its value, and what it counts. */
export function card({ title, value, note, href, tone }) {
  const id = newId("card");
  return h(
    "div",
    { class: `card ${tone ?? ""}`, role: "group", "aria-labelledby": id },
    h("h2", { id }, title),
    h("p", { class: "value" }, value),
    h("p", { class: "counts" }, note),
    href && h("p", {}, h("a", { href: href.to }, href.text)),
  );
}

export function section(title, counts, ...children) {
  return h(
    "section",
    { class: "part" },
    h("h2", {}, title),
    counts && h("p", { class: "counts" }, counts),
    children,
  );
}

/** Something that the reader should know; the tone is told by a word too. */
export function notice(tone, word, ...children) {
  return h("div", { class: `notice ${tone}` }, h("strong", {}, word), " ", children);
}

/** A state as a word with a sign before it. */
export function pill(tone, text) {
  const sign = { good: "✓", bad: "✕", warn: "!", busy: "…" }[tone] ?? "·";
  return h("span", { class: `pill ${tone}` }, h("span", { "aria-hidden": "true" }, sign), ` ${text}`);
}

/** Why there is nothing to see, and what to do about it. */
export function problem({ message, cure, action }) {
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("h2", {}, message),
    cure && h("p", {}, cure),
    action && h("p", { class: "actions" }, action),
  );
}

/** What stands where the view will be, of about its height. */
export function skeleton() {
  const blocks = (count, kind) => Array.from({ length: count }, () => h("div", { class: `block ${kind}` }));
  const cards = h("div", { class: "cards" }, blocks(4, "low"));
  return h("div", { class: "skeleton", "aria-hidden": "true" }, cards, blocks(2, "high"));
}

export const courseKey = ({ course_id, batch_id }) => (batch_id ? `${course_id}/${batch_id}` : course_id);
export const courseName = (row) => row.course_name ?? row.name ?? row.course_id;
export const learnerName = ({ name, learner_id }) => name ?? learner_id;

export function courseLink(state, row) {
  const to = {
    ...state,
    view: "course",
    course: [courseKey(row)],
    q: "",
    sort: "",
    offset: "",
    learner_id: "",
  };
  return [
    h("a", { href: search(to) }, courseName(row)),
    row.batch_id && h("small", {}, ` batch ${row.batch_id}`),
  ];
}

export function learnerLink(state, row) {
  const to = {
    view: "learner",
    dag: state.dag,
    snapshot_date: state.snapshot_date,
    learner_id: row.learner_id,
  };
  return [h("a", { href: search(to) }, learnerName(row)), row.email && h("small", {}, ` ${row.email}`)];
}

export const entityCell = (row) => row.entity_name ?? row.entity_id;

export const snapshotCell = ({ snapshot_date: date, is_partial: isPartial }) => [
  day(date),
  isPartial && h("small", {}, " a part of the courses"),
];

/** That some snapshots can't be compared with the others. */
function partly(count) {
  if (!count) return "";
  const [are, points] = count === 1 ? ["is", "a hollow point"] : ["are", "hollow points"];
  return ` ${counted(count, "snapshot")} of a part of the courses ${are} ${points} beside the line.`;
}

/** Completion over the snapshots, as a chart. */
export function completionOverTime(points, counts) {
  const title = "Completion over time";
  if (!points.length)
    return section(title, counts, h("p", { class: "empty" }, "No snapshot has rows for this choice."));
  const whole = points.filter((each) => !each.is_partial);
  const told = whole.length ? whole : points;
  const [first, last] = [told[0], told.at(-1)];
  const summary =
    told.length === 1
      ? `One snapshot, of ${day(first.snapshot_date)}: ${percent(first.share)} completed.`
      : `${counted(told.length, "snapshot")}, from ${percent(first.share)} on ${day(first.snapshot_date)} to ${percent(last.share)} on ${day(last.snapshot_date)}.`;
  return shareOverDays({
    title,
    counts: [counts, " ", summary, partly(points.length - told.length)],
    summary: `Line chart of completion over time. ${summary}`,
    points: points.map(({ snapshot_date, share, is_partial }) => [
      snapshot_date,
      share,
      told === whole && is_partial,
    ]),
    columns: [
      { key: "snapshot_date", title: "Snapshot", cell: snapshotCell },
      { key: "share", title: "Completed", number: true, cell: (row) => percent(row.share) },
      { key: "completed", title: "Items completed", number: true, cell: (row) => number(row.completed) },
      { key: "entities", title: "Items", number: true, cell: (row) => number(row.entities) },
    ],
    rows: points.toReversed(),
    format: {
      shortDay,
      percent: wholePercent,
      tip: (share, index) =>
        `${percent(share)}: ${number(points[index].completed)} of ${number(points[index].entities)} items`,
    },
  });
}

/** Until when something has to be done, and for how long it is overdue. */
export const DUE = [
  {
    key: "due_date",
    title: "Due",
    hint: "“Or earlier” where it counts from the oldest snapshot that is kept: the learner may have come before",
    cell: ({ due_date: date, is_due_exact: isExact }) => [
      h("span", { class: "tight" }, day(date)),
      date && isExact === false && [" ", h("small", { class: "tight" }, "or earlier")],
    ],
  },
  {
    key: "days_overdue",
    title: "Days overdue",
    number: true,
    cell: (row) => [
      row.days_overdue > 0 && row.is_due_exact === false && h("small", {}, "at least "),
      overdue(row.days_overdue),
    ],
  },
];

/** Who is behind; `hide` are keys of columns. */
export function behindTable({ page, rows, sort, onSort, hide = [], caption, empty }) {
  const { state, options, mayName } = page;
  const columns = [
    { key: "name", title: "Learner", sort: mayName, cell: (row) => learnerLink(state, row) },
    options.has_people && { key: "department", title: "Department" },
    options.has_people && { key: "manager", title: "Manager", sort: mayName },
    { key: "course_name", title: "Course", cell: (row) => courseLink(state, row) },
    {
      key: "open_mandatory",
      title: "Open mandatory",
      number: true,
      hint: "Mandatory items that are not completed",
      cell: (row) => number(row.open_mandatory),
    },
    {
      key: "share",
      title: "Progress",
      hint: "Completed items of all items in the course",
      cell: (row) => shareBar(row.share, row.completed, row.entities),
    },
    ...(options.has_deadlines ? DUE : []),
    {
      key: "last_change",
      title: "Last change",
      tight: true,
      hint: "The last snapshot in which something of the learner's changed",
      cell: (row) => day(row.last_change?.slice(0, 10)),
    },
  ].filter((column) => column && !hide.includes(column.key));
  return table({ caption, columns, rows, sort, onSort, empty });
}

export function overdue(days) {
  return days > 0 ? h("strong", { class: "late" }, number(days)) : number(days);
}
