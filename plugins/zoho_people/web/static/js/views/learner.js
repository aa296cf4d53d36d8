/** One learner: all courses, open mandatory items, how it went. Without one: a search for learners. */

import { h } from "../dom.js";
import { counted, day, number, percent, words } from "../format.js";
import {
  DUE,
  completionOverTime,
  courseLink,
  entityCell,
  learnerLink,
  learnerName,
  section,
} from "../parts.js";
import { localTable, shareBar, table } from "../table.js";

const LIMIT = "50";

function facts({ learner }) {
  const known = ["email", "department", "manager", "location"].filter((name) => learner[name]);
  const pairs = [["Learner id", learner.learner_id], ...known.map((name) => [words(name), learner[name]])];
  return h(
    "dl",
    { class: "facts" },
    pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

function openItems({ open_mandatory: rows }, { state, options }) {
  const columns = [
    { key: "entity_name", title: "Item", cell: entityCell },
    { key: "entity_type", title: "Type", cell: (row) => words(row.entity_type) },
    { key: "course_name", title: "Course", cell: (row) => courseLink(state, row) },
    { key: "status", title: "Status" },
    ...(options.has_deadlines ? DUE : []),
  ].filter(Boolean);
  return section(
    "Open mandatory items",
    "Mandatory items that are not completed.",
    localTable({
      caption: "Open mandatory items",
      columns,
      rows,
      sort: options.has_deadlines ? "-days_overdue" : "course_name",
      noun: "item",
      empty: "None: every mandatory item is completed.",
    }),
  );
}

function courses({ courses: rows }, { state }) {
  const columns = [
    { key: "name", title: "Course", cell: (row) => courseLink(state, row) },
    { key: "share", title: "Completed", cell: (row) => shareBar(row.share, row.completed, row.entities) },
  ];
  return section(
    "Courses",
    "Completed items of all items of this learner in the course.",
    localTable({
      caption: "Courses of the learner",
      columns,
      rows,
      sort: "share",
      noun: "course",
      empty: "No course in this snapshot.",
    }),
  );
}

const mark = (value) => (value === null || value === undefined ? "–" : number(value));

function whatChanged(row) {
  if (row.change === "mark_changed") return `${mark(row.mark_before)} → ${mark(row.mark_after)}`;
  if (row.status_before === row.status_after) return row.status_after ?? "–";
  return `${row.status_before ?? "–"} → ${row.status_after ?? "–"}`;
}

function changes({ changes: rows }, { state }) {
  const columns = [
    { key: "snapshot_date", title: "Snapshot", tight: true, cell: (row) => day(row.snapshot_date) },
    { key: "entity_name", title: "Item", cell: entityCell },
    { key: "course_name", title: "Course", cell: (row) => courseLink(state, row) },
    { key: "change", title: "Change", cell: (row) => words(row.change) },
    { key: "status_after", title: "From → to", cell: whatChanged },
  ];
  return section(
    "What changed",
    "Differences between one snapshot and the next, newest first.",
    localTable({
      caption: "Changes of the learner",
      columns,
      rows,
      sort: "-snapshot_date",
      noun: "change",
      empty: "Nothing has changed since the first snapshot.",
    }),
  );
}

function found({ total, rows }, { state, options, mayName }) {
  const columns = [
    { key: "name", title: "Learner", cell: (row) => learnerLink(state, row) },
    options.has_people && { key: "department", title: "Department" },
    options.has_people && { key: "manager", title: "Manager" },
    { key: "courses", title: "Courses", number: true, cell: (row) => number(row.courses) },
    { key: "share", title: "Completed", cell: (row) => shareBar(row.share, row.completed, row.entities) },
  ].filter(Boolean);
  const more =
    total > rows.length ? ` The first ${number(rows.length)} are shown; search to find the others.` : "";
  return [
    h("p", {}, `${counted(total, "learner")} in this snapshot.${more}`),
    table({ caption: "Learners", columns, rows, empty: "No learner for this choice." }),
  ];
}

function profile(data, page) {
  return [
    facts(data),
    openItems(data, page),
    h(
      "div",
      { class: "columns" },
      completionOverTime(data.history, "Completed items of all items of this learner, in each snapshot."),
      courses(data, page),
    ),
    changes(data, page),
  ];
}

export const learners = {
  title: "Learners",
  filters: ["q", "course", "department", "manager", "location"],
  alsoFinds: ", or by department",
  load: (ask, { state }) => ask("learners", { ...state, limit: LIMIT }, "q", "limit"),
  tell: ({ total }) => `Learners: ${number(total)}`,
  show: found,
};

export const learner = {
  title: "Learner",
  filters: [],
  load: (ask, { state }) =>
    ask(
      "learner",
      { dag: state.dag, snapshot_date: state.snapshot_date, learner_id: state.learner_id },
      "learner_id",
    ),
  heading: (data) => learnerName(data.learner),
  tell: (data) =>
    `Learner ${learnerName(data.learner)}: ${counted(data.courses.length, "course")}, ${percent(share(data))} completed`,
  show: profile,
};

function share({ courses: rows }) {
  const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
  return total("entities") ? total("completed") / total("entities") : null;
}
