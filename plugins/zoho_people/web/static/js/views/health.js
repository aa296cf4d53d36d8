/** Run health: the API's limit, the day's quota, the token, the last runs and failures, the age of each course's data. */

import { link } from "../airflow.js";
import { countsPerMinute } from "../chart.js";
import { h } from "../dom.js";
import { ago, counted, day, decimal, hours, instant, minute, number, sentence, words } from "../format.js";
import { card, courseLink, notice, pill, section } from "../parts.js";
import { localTable, shareBar } from "../table.js";

const said = (text) => (text ? sentence(text) : "–");
const time = (moment) => (moment ? h("time", { datetime: moment }, instant(moment)) : "–");
const STATES = {
  success: "good",
  failed: "bad",
  running: "busy",
  queued: "busy",
  valid: "good",
  expired: "warn",
};

function limit({ limit: now, requests }) {
  const title = "Slots in use";
  if (!now?.slots) return card({ title, value: "–", note: "The pool of the API is missing." });
  const latest = requests?.at(-1)?.count ?? 0;
  const state = now.locked_until
    ? pill("bad", `Locked until ${instant(now.locked_until)}`)
    : pill("good", "Not locked");
  return card({
    title,
    value: `${number(now.slots_in_use)} of ${number(now.slots)}`,
    tone: now.locked_until ? "late" : "",
    note: [
      `A slot is a request of the last minute; Zoho allows ${number(now.requests_per_minute)}. The last minute with requests had ${number(latest)}. `,
      state,
    ],
  });
}

function quota({ quota: today }) {
  const title = "Quota of the day";
  if (!today) return card({ title, value: "–", note: "Known as soon as the connection is." });
  const spent = `${number(today.spent)} spent and ${number(today.booked)} booked by runs`;
  const anew = ["Anew: ", time(today.resets_at), "."];
  if (today.limit === null) {
    return card({
      title,
      value: `${number(today.spent)} spent`,
      note: [`${spent}; no limit is set. `, anew],
    });
  }
  const used = today.limit ? Math.min(1, (today.spent + today.booked) / today.limit) : null;
  return card({
    title,
    value: `${number(today.left)} left`,
    tone: today.left === 0 ? "late" : "",
    note: [shareBar(used), `${spent}, of ${number(today.limit)} on ${day(today.day)}. `, anew],
  });
}

function token({ token: access }) {
  const title = "Access token";
  const state = access?.state ?? "none";
  const ends = access?.expires_at && ["It ends ", time(access.expires_at), `, ${ago(access.expires_at)}. `];
  const note = [
    access?.problem && sentence(access.problem),
    ends,
    { refused: "", none: "A run gets one." }[state] ?? "A run renews it.",
  ];
  return card({ title, value: pill(STATES[state] ?? "plain", words(state)), note });
}

function dryRun({ dry_run: plan }) {
  if (!plan)
    return card({
      title: "Last dry run",
      value: "–",
      note: "Trigger a run with “Dry run” to see what it would ask for.",
    });
  return card({
    title: "Last dry run",
    value: counted(plan.requests, "request"),
    note: `${counted(plan.units, "answer")} would be asked for in about ${counted(Math.max(1, Math.ceil(plan.minutes ?? 0)), "minute")} (${plan.dag_run_id}).`,
  });
}

/** Whose requests are counted: what else uses the connection is known of the last minute only. */
function whose(dags) {
  const named = dags.length > 1 ? ` these DAGs: ${dags.join(", ")}` : " this DAG";
  return `Requests sent to Zoho in each minute of the last hour by${named}. Whatever else uses the connection counts in the last minute only.`;
}

function requests({ requests: points = [], requests_of: dags = [], limit: now }) {
  const counts = `${whose(dags)} Minutes without any are empty.`;
  if (!points.length)
    return section(
      "Requests per minute",
      counts,
      h("p", { class: "empty" }, "No request was sent in the last hour."),
    );
  const most = Math.max(...points.map(({ count }) => count));
  const summary = `At most ${counted(most, "request")} in a minute${now ? `; the limit is ${number(now.requests_per_minute)}` : ""}.`;
  return countsPerMinute({
    title: "Requests per minute",
    counts: [counts, " ", summary],
    summary: `Bar chart of requests per minute. ${summary}`,
    points,
    limit: now?.requests_per_minute,
    columns: [
      { key: "minute", title: "Minute", cell: (row) => instant(row.minute) },
      { key: "count", title: "Requests", number: true, cell: (row) => number(row.count) },
    ],
    rows: points.toReversed(),
    format: { minute, number, tip: (count) => counted(count, "request") },
  });
}

function outcomes(coverage) {
  const parts = Object.entries(coverage ?? {}).filter(([, count]) => count);
  if (!parts.length) return "–";
  return h(
    "ul",
    { class: "inline" },
    parts.map(([name, count]) =>
      h(
        "li",
        { class: ["failed", "forbidden", "not_found"].includes(name) && "late" },
        `${words(name)} ${number(count)}`,
      ),
    ),
  );
}

function minutes({ start, end }) {
  if (!start) return "–";
  const until = end ? Date.parse(end) : Date.now();
  return `${decimal((until - Date.parse(start)) / 60_000)} min`;
}

function runs({ runs: rows }) {
  const columns = [
    { key: "dag_run_id", title: "Run", cell: (row) => link(row.url, row.dag_run_id) },
    { key: "state", title: "State", cell: (row) => pill(STATES[row.state] ?? "plain", words(row.state)) },
    { key: "start", title: "Begin", tight: true, cell: (row) => time(row.start) },
    { key: "end", title: "Took", sort: false, number: true, cell: minutes },
    {
      key: "coverage",
      title: "What became of its answers",
      sort: false,
      cell: (row) => outcomes(row.coverage),
    },
  ];
  return section(
    "Runs",
    "The last runs, and what became of each answer (one learner, course and type) that they set out to get.",
    localTable({
      caption: "The last runs",
      columns,
      rows,
      sort: "-start",
      noun: "run",
      empty: "The DAG has not run yet. Trigger it in Airflow.",
    }),
  );
}

function failures({ failures: rows }) {
  if (!rows.length)
    return section("Failures", null, notice("good", "None.", "No task of the last runs failed."));
  const task = (row) => `${row.task_id}${row.map_index >= 0 ? ` [${number(row.map_index)}]` : ""}`;
  const columns = [
    {
      key: "task_id",
      title: "Task",
      cell: (row) => [
        link(row.url, task(row)),
        h("small", {}, [" ", row.label && `${row.label} · `, row.dag_run_id].filter(Boolean)),
      ],
    },
    { key: "when", title: "When", tight: true, cell: (row) => time(row.when) },
    { key: "message", title: "What happened", text: true, sort: false, cell: (row) => said(row.message) },
    { key: "cure", title: "What to do", text: true, sort: false, cell: (row) => said(row.cure) },
  ];
  return section(
    "Failures",
    "Tasks of the last runs that failed, and what to do.",
    localTable({ caption: "The last failures", columns, rows, sort: "-when", noun: "failure" }),
  );
}

function ages({ courses: rows }, { state }) {
  const columns = [
    { key: "name", title: "Course", cell: (row) => courseLink(state, row) },
    { key: "age_hours", title: "Age", number: true, cell: (row) => hours(row.age_hours) },
    {
      key: "newest_fetched_at",
      title: "Newest answer",
      tight: true,
      cell: (row) => time(row.newest_fetched_at),
    },
  ];
  return section(
    "Age of each course’s data",
    "Time since Zoho last answered for the course.",
    localTable({
      caption: "Age of each course’s data",
      columns,
      rows: rows.map((row) => ({ ...row, name: row.name ?? row.course_id })),
      sort: "-age_hours",
      noun: "course",
      empty: "No course has been fetched yet.",
    }),
  );
}

export const health = {
  title: "Run health",
  filters: [],
  withoutSnapshot: true,
  live: true,
  load: (ask, { state }) => ask("health", { dag: state.dag }),
  tell: (data) => `Run health: ${counted(data.failures.length, "failure")}`,
  show(data, page) {
    return [
      h("div", { class: "cards" }, limit(data), quota(data), token(data), dryRun(data)),
      failures(data),
      requests(data),
      runs(data),
      ages(data, page),
      h(
        "p",
        { class: "counts" },
        "As of ",
        time(new Date().toISOString()),
        ". While this page is seen it asks anew every minute.",
      ),
    ];
  },
};
