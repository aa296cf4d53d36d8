/** The figures of a view by a column of the people or deadlines file, group by group. */

import { DUE_GROUPS, filterOf, search } from "./address.js";
import { sharesOverDays } from "./chart.js";
import { h } from "./dom.js";
import { counted, day, dayOrMonth, decimal, number, percent, shortDay, wholePercent, words } from "./format.js";
import { overdue, section, snapshotCell } from "./parts.js";
import { localTable, shareBar } from "./table.js";

/** Who is not in the people file, or has nothing there. */
const UNKNOWN = "unknown";

const isDue = (by) => DUE_GROUPS.includes(by);

function nameOf(group, by) {
  if (isDue(by)) return words(dayOrMonth(group));
  return group === UNKNOWN ? "Unknown" : group;
}

/** The group's name, as a link to its learners alone. */
function groupCell({ by }, { state }) {
  const to = (group) => search({ ...state, [filterOf(by)]: [group], group_by: "", offset: "" });
  return ({ group_name: group }) => [
    h("a", { href: to(group) }, nameOf(group, by)),
    group === UNKNOWN && !isDue(by) && h("small", {}, " not in the people file, or nothing said there"),
  ];
}

const count = (key, title, hint) => ({ key, title, hint, number: true, cell: (row) => number(row[key]) });

const OVERDUE = [
  {
    ...count("learners_overdue", "Learners overdue", "Learners with mandatory items that are overdue"),
    cell: (row) => overdue(row.learners_overdue),
  },
  {
    ...count("mean_days_overdue", "Mean days overdue", "Mean number of days that overdue items are overdue"),
    cell: (row) => decimal(row.mean_days_overdue),
  },
];

function groupTable({ groups, page, caption, columns, sort, empty }) {
  const name = { key: "group_name", title: words(groups.by), cell: groupCell(groups, page) };
  const more =
    groups.left_out > 0 &&
    h(
      "p",
      { class: "counts" },
      `The ${number(groups.rows.length)} largest are shown, ${number(groups.left_out)} are not.`,
    );
  const table = {
    caption,
    columns: [name, ...columns.filter(Boolean)],
    rows: groups.rows,
    sort: isDue(groups.by) ? "group_name" : sort,
    noun: "group",
    empty,
  };
  return [localTable(table), more];
}

/** How far the learners of each group are; `more` are further columns. */
export function progressByGroup(groups, page, counts, more = []) {
  if (!groups) return "";
  const { options } = page;
  const columns = [
    count("learners", "Learners"),
    { key: "share", title: "Completed", cell: (row) => shareBar(row.share, row.completed, row.entities) },
    ...more,
    count("learners_behind", "Learners behind", "Learners with mandatory items that are not completed"),
    ...(options.has_deadlines ? OVERDUE : []),
    groups.rows.some((row) => row.unknown_units) &&
      count(
        "unknown_units",
        "Not known",
        "Answers from Zoho that are missing: one for each learner, course and type",
      ),
  ];
  const caption = `Progress by ${words(groups.by).toLowerCase()}`;
  const empty = "No learner has rows for this choice.";
  const table = groupTable({ groups, page, caption, columns, sort: "share", empty });
  return [
    section(caption, `${counts} Each learner counts once in a group.`, table),
    overTime(groups, counts),
  ];
}

/** How completion went in the largest groups. */
function overTime({ by, over_time: points, rows: groups }, counts) {
  if (!points?.length) return "";
  const whole = points.filter((each) => !each.is_partial);
  const names = groups
    .map((row) => row.group_name)
    .filter((name) => whole.some((each) => each.group_name === name));
  const lines = names.map((name) => ({
    name: nameOf(name, by),
    points: whole
      .filter((each) => each.group_name === name)
      .map(({ snapshot_date, share }) => [snapshot_date, share]),
  }));
  if (!lines.length) return "";
  const last = ({ name, points: of }) => `${name} ${percent(of.at(-1)[1])} on ${day(of.at(-1)[0])}`;
  const summary = `${lines.map(last).join(", ")}.`;
  const title = `Completion over time by ${words(by).toLowerCase()}`;
  const largest = groups.length > lines.length ? ` The ${counted(lines.length, "largest group")}.` : "";
  return sharesOverDays({
    title,
    counts: `${counts}${largest}`,
    summary: `Line chart of ${title.toLowerCase()}. ${summary}`,
    lines,
    columns: [
      { key: "snapshot_date", title: "Snapshot", cell: snapshotCell },
      ...names.map((name, place) => ({
        key: `share ${place}`,
        title: nameOf(name, by),
        number: true,
        cell: (row) => percent(row.shares.get(name)),
      })),
    ],
    rows: byDay(points),
    format: { shortDay, percent: wholePercent, tip: percent },
  });
}

/** A row for each snapshot, the newest first, with the shares of all groups. */
function byDay(points) {
  const rows = new Map();
  for (const { snapshot_date, is_partial, group_name, share } of points) {
    if (!rows.has(snapshot_date)) rows.set(snapshot_date, { snapshot_date, is_partial, shares: new Map() });
    rows.get(snapshot_date).shares.set(group_name, share);
  }
  return [...rows.values()].toReversed();
}

/** Who is behind in each group, all pages of lines together. */
export function behindByGroup(groups, page) {
  if (!groups) return "";
  const { options } = page;
  const columns = [
    count("learners_behind", "Learners"),
    count("open_mandatory", "Open mandatory", "Mandatory items that are not completed"),
    ...(options.has_deadlines ? OVERDUE : []),
    options.has_deadlines && count("items_overdue", "Items overdue"),
    options.has_deadlines && count("most_days_overdue", "Most days overdue"),
  ];
  const caption = `Behind by ${words(groups.by).toLowerCase()}`;
  return section(
    caption,
    "The same learners and items, counted by group. Each learner counts once in a group.",
    groupTable({
      groups,
      page,
      caption,
      columns,
      sort: "-open_mandatory",
      empty: "Nobody is behind for this choice.",
    }),
  );
}

/** What has changed in each group. */
export function changesByGroup(groups, page) {
  const kinds = [...new Set((groups?.rows ?? []).flatMap((row) => Object.keys(row.changes ?? {})))];
  if (!kinds.length) return "";
  const columns = kinds.map((kind) => count(kind, words(kind)));
  const rows = groups.rows.map((row) => ({ ...row, ...row.changes }));
  return groupTable({
    groups: { ...groups, rows },
    page,
    caption: `Changes by ${words(groups.by).toLowerCase()}`,
    columns,
    sort: `-${kinds[0]}`,
  });
}
