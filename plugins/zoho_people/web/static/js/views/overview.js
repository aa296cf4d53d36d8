/** How the organisation stands: completion, what is overdue, how old and complete the data is, what changed. */

import { search } from "../address.js";
import { h } from "../dom.js";
import { ago, counted, day, instant, number, percent, words } from "../format.js";
import { changesByGroup, progressByGroup } from "../groups.js";
import { card, completionOverTime, courseLink, notice, section } from "../parts.js";
import { localTable, shareBar } from "../table.js";

/** What the words of the coverage mean to somebody who reads figures. */
const OUTCOMES = {
  fetched: "answered with items",
  empty: "answered: there are no items",
  carried_forward: "not asked again, nothing had changed",
  type_absent: "not asked, nobody in the course has this type",
  left: "the learner is no longer in the course",
  not_found: "unknown to Zoho",
  forbidden: "not allowed for the connection’s user",
  failed: "not answered; an earlier answer stands in",
  "never asked": "no run has asked for it",
};
const KNOWN = ["fetched", "empty", "carried_forward", "type_absent", "left"];
const CHANGES = {
  added: "items that are new for a learner",
  completed: "items that became completed",
  reopened: "items that are no longer completed",
  mark_changed: "items with another mark",
  status_changed: "items with another status",
  gone: "items that a learner no longer has",
};

const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);
const behind = (state, change = {}) => search({ ...state, view: "behind", sort: "", offset: "", ...change });

function completion({ by_entity_type: rows }) {
  const [completed, entities] = [sum(rows, "completed"), sum(rows, "entities")];
  return card({
    title: "Completed",
    value: entities ? percent(completed / entities) : "–",
    note: `${number(completed)} of ${number(entities)} items. An item is one test, file, session, … of one learner.`,
  });
}

function overdue({ overdue: late }, { state, options }) {
  const title = "Overdue";
  const href = {
    to: behind(state, { min_days_overdue: options.has_deadlines ? "1" : "" }),
    text: "Who is behind",
  };
  if (!options.has_deadlines) {
    return card({
      title,
      value: "–",
      href,
      note: "No due dates are known. Name a file of deadlines in Airflow’s Variables: the documentation of this page says how.",
    });
  }
  if (late.learners === null)
    return card({ title, value: "–", href, note: "Not counted yet: older snapshots are being read." });
  const note = `${counted(late.items, "mandatory item")} not completed after the course’s due date.`;
  return card({
    title,
    value: counted(late.learners, "learner"),
    note,
    href,
    tone: late.learners ? "late" : "",
  });
}

function age({ freshness }, { state }) {
  const href = { to: search({ ...state, view: "health" }), text: "Run health" };
  const note = freshness.newest_fetched_at
    ? [
        "Newest answer: ",
        time(freshness.newest_fetched_at),
        ". Oldest that counts: ",
        time(freshness.oldest_fetched_at),
        ` (${ago(freshness.oldest_fetched_at)}).`,
      ]
    : "No run has told when it asked.";
  return card({ title: "Age of the data", value: ago(freshness.newest_fetched_at), note, href });
}

const time = (moment) => h("time", { datetime: moment }, instant(moment));

/** Whether nobody knows what was asked for: there is no coverage, as a note of the answer says. */
function untold({ by_outcome: outcomes }) {
  const some = Object.keys(outcomes).filter((name) => outcomes[name]);
  return some.length > 0 && some.every((name) => name === "never asked");
}

function complete({ freshness }) {
  const { units, unknown_units: missing } = freshness;
  if (untold(freshness))
    return card({ title: "Completeness", value: "–", note: "No run has told what it asked for." });
  const value = units ? percent((units - missing) / units) : "–";
  const note = `${number(units - missing)} of ${number(units)} answers from Zoho are there: one for each learner, course and type.`;
  return card({ title: "Completeness", value, tone: missing ? "warn" : "", note });
}

/** What became of the answers that are missing. */
function warning({ freshness }, { state }) {
  const { units, unknown_units: missing, by_outcome: outcomes } = freshness;
  if (!missing || untold(freshness)) return "";
  const why = Object.entries(outcomes).filter(([name, count]) => count && !KNOWN.includes(name));
  const told = why.map(([name, count]) => `${words(name).toLowerCase()} ${number(count)}`).join(", ");
  return notice(
    "warn",
    "Not complete.",
    `${number(missing)} of ${counted(units, "answer")} from Zoho are missing in this snapshot (${told}). Where there is an earlier answer, it stands in. `,
    h("a", { href: search({ ...state, view: "health" }) }, "Run health"),
  );
}

function byCourse({ by_course: rows }, { state }) {
  const columns = [
    { key: "name", title: "Course", cell: (row) => courseLink(state, row) },
    {
      key: "share",
      title: "Completed",
      number: false,
      cell: (row) => shareBar(row.share, row.completed, row.entities),
    },
    { key: "learners", title: "Learners", number: true, cell: (row) => number(row.learners) },
  ];
  const named = rows.map((row) => ({ ...row, name: row.name ?? row.course_id }));
  return section(
    "By course",
    "Completed items of all items of the course’s learners.",
    localTable({
      caption: "Completion by course",
      columns,
      rows: named,
      sort: "share",
      noun: "course",
      empty: "No course has rows for this choice.",
    }),
  );
}

function byType({ by_entity_type: rows }) {
  const columns = [
    { key: "entity_type", title: "Type", cell: (row) => words(row.entity_type) },
    { key: "share", title: "Completed", cell: (row) => shareBar(row.share, row.completed, row.entities) },
  ];
  return section(
    "By type",
    "Completed items of all items of that type.",
    localTable({
      caption: "Completion by type",
      columns,
      rows,
      sort: "-share",
      noun: "type",
      empty: "No items for this choice.",
    }),
  );
}

function counts(caption, meanings, byName, title) {
  const rows = Object.entries(byName)
    .map(([name, count]) => ({ name, count }))
    .filter(({ count }) => count);
  const columns = [
    { key: "name", title, cell: ({ name }) => [words(name), h("small", {}, ` ${meanings[name] ?? ""}`)] },
    { key: "count", title: "Number", number: true, cell: ({ count }) => number(count) },
  ];
  return localTable({ caption, columns, rows, sort: "-count", noun: "line", empty: "None." });
}

function changed({ changes, groups }, page) {
  if (!changes?.previous_snapshot_date)
    return section(
      "Changes",
      null,
      h("p", { class: "empty" }, "Nothing has been compared with an earlier snapshot."),
    );
  const since = `Since the snapshot before, of ${day(changes.previous_snapshot_date)}.`;
  return section(
    "Changes",
    since,
    counts("Changes since the snapshot before", CHANGES, changes.by_change, "Change"),
    changesByGroup(groups, page),
  );
}

function coverage({ freshness }) {
  return section(
    "Where the data comes from",
    "What became of each answer: one for each learner, course and type.",
    counts("Coverage", OUTCOMES, freshness.by_outcome, "Outcome"),
  );
}

export const overview = {
  title: "Overview",
  filters: ["course", "entity_type", "department", "manager", "location"],
  groups: true,
  load: (ask, { state }) => ask("overview", state, "group_by"),
  tell: ({ by_course: rows }) => `Overview: ${counted(rows.length, "course")}`,
  show(data, page) {
    return [
      warning(data, page),
      h("div", { class: "cards" }, completion(data), overdue(data, page), age(data, page), complete(data)),
      progressByGroup(data.groups, page, "Completed items of all items."),
      h(
        "div",
        { class: "columns" },
        completionOverTime(data.over_time, "Completed items of all items, in each snapshot."),
        byType(data),
      ),
      h("div", { class: "columns" }, byCourse(data, page), h("div", {}, changed(data, page), coverage(data))),
    ];
  },
};
