/** One course: completion over time, its items with their difficulty, attendance, who is behind. */

import { search } from "../address.js";
import { h } from "../dom.js";
import { select } from "../filters.js";
import { counted, number, percent, words } from "../format.js";
import { progressByGroup } from "../groups.js";
import {
  behindTable,
  card,
  completionOverTime,
  courseKey,
  courseName,
  entityCell,
  section,
} from "../parts.js";
import { localTable, shareBar } from "../table.js";

const HEAD = 10;

function choice({ state, options, go }) {
  const values = options.courses.map((each) => [
    courseKey(each),
    `${courseName(each)}${each.batch_id ? ` · batch ${each.batch_id}` : ""}`,
  ]);
  const value = state.course[0] ?? "";
  return [
    select({
      label: "Course",
      value,
      values: value ? values : [["", "Choose a course"], ...values],
      onChange: (course) => go({ course: course ? [course] : [] }),
      key: "course",
      className: "grow",
    }),
  ];
}

function cards({ course }, options) {
  return h(
    "div",
    { class: "cards" },
    card({
      title: "Completed",
      value: percent(course.share),
      note: `${number(course.completed)} of ${number(course.entities)} items of its learners`,
    }),
    card({
      title: "Learners",
      value: number(course.learners),
      note: "Learners with at least one item in this snapshot",
    }),
    options.has_deadlines === false &&
      card({ title: "Due date", value: "–", note: "No deadlines are known" }),
  );
}

const OF_COURSE = [
  {
    key: "mean_mark",
    title: "Mean mark",
    number: true,
    hint: "Mean of all marks in the course, as shares of the maximum",
    cell: (row) => percent(row.mean_mark),
  },
  {
    key: "share_passed",
    title: "Passed",
    number: true,
    hint: "Marks that pass, of all marks in the course",
    cell: (row) => percent(row.share_passed),
  },
  {
    key: "share_attended",
    title: "Attended",
    number: true,
    hint: "Sessions attended, of all that learners have",
    cell: (row) => percent(row.share_attended),
  },
];

const marked = ({ mean_mark }) => mean_mark !== null && mean_mark !== undefined;

function entities({ entities: rows }) {
  const columns = [
    { key: "entity_name", title: "Item", cell: entityCell },
    { key: "entity_type", title: "Type", cell: (row) => words(row.entity_type) },
    {
      key: "share_completed",
      title: "Completed",
      cell: (row) => shareBar(row.share_completed, row.completed, row.learners),
    },
    {
      key: "mean_mark",
      title: "Mean mark",
      number: true,
      hint: "Mean of the learners’ marks, as a share of the maximum: low means difficult",
      cell: (row) => percent(row.mean_mark),
    },
    {
      key: "spread",
      title: "Spread",
      number: true,
      hint: "Standard deviation of the marks: high means that learners differ",
      cell: (row) => (marked(row) ? `± ${percent(row.spread)}` : "–"),
    },
    {
      key: "share_passed",
      title: "Passed",
      number: true,
      hint: "Learners who completed it, of those with a mark",
      cell: (row) => percent(row.share_passed),
    },
  ];
  const counts =
    "One line for each test, file, session, … A low mean mark means a difficult one; items without marks have none.";
  return section(
    "Items and their difficulty",
    counts,
    localTable({
      caption: "Items of the course",
      columns,
      rows,
      sort: "mean_mark",
      noun: "item",
      empty: "The course has no items for this choice.",
    }),
  );
}

function attendance({ attendance: rows }) {
  if (!rows.length) return "";
  const columns = [
    { key: "entity_name", title: "Session", cell: entityCell },
    { key: "share", title: "Attended", cell: (row) => shareBar(row.share, row.attended, row.learners) },
  ];
  return section(
    "Attendance",
    "Learners who attended, of all learners that have the session.",
    localTable({ caption: "Attendance of sessions", columns, rows, sort: "share", noun: "session" }),
  );
}

function behind({ behind: rows }, page) {
  const to = search({ ...page.state, view: "behind", sort: "", offset: "" });
  const caption = "Learners of this course with open mandatory items";
  const all =
    rows.length > HEAD
      ? `All ${counted(rows.length, "learner")} who are behind`
      : "To search, sort and download";
  return section(
    "Who is behind",
    "Learners with mandatory items of this course that are not completed.",
    behindTable({
      page,
      rows: rows.slice(0, HEAD),
      hide: ["course_name", "manager"],
      caption,
      empty: "Nobody: all mandatory items are completed.",
    }),
    rows.length ? h("p", {}, h("a", { href: to }, all)) : "",
  );
}

export const course = {
  title: "Course",
  filters: ["entity_type", "department", "manager", "location"],
  fields: choice,
  groups: true,
  keep: ({ course: chosen }) => ({ course: chosen }),
  needs: ({ course: [first] }) => (first ? "" : "Choose a course above, or open one from the overview."),
  load: (ask, { state }) => ask("course", { ...state, course: state.course.slice(0, 1) }, "group_by"),
  heading: (data) => courseName(data.course),
  tell: (data) => `Course ${courseName(data.course)}: ${percent(data.course.share)} completed`,
  show(data, page) {
    return [
      cards(data, page.options),
      progressByGroup(data.groups, page, "Completed items of all items of the course.", OF_COURSE),
      h(
        "div",
        { class: "columns" },
        completionOverTime(data.over_time, "Completed items of all items of the course, in each snapshot."),
        attendance(data),
      ),
      entities(data),
      behind(data, page),
    ];
  },
};
