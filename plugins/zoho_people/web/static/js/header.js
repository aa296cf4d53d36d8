/** The page's head: the views, and the choice of dataset and snapshot. */

import { OF_A_VIEW, search, withoutFilters } from "./address.js";
import { h, swap } from "./dom.js";
import { select } from "./filters.js";
import { day, zone } from "./format.js";

const views = document.getElementById("views");
const choices = document.getElementById("choices");

/** Links to all views, for the same dataset, snapshot and filters. */
export function showViews(all, state) {
  const item = ([name, { title }]) => {
    const to = search({ ...state, ...OF_A_VIEW, view: name });
    const current = name === state.view && "page";
    return h("li", {}, h("a", { href: to, "data-key": `view ${name}`, "aria-current": current }, title));
  };
  swap(views, h("ul", {}, Object.entries(all).map(item)));
}

function datasetChoice(state, datasets, go) {
  if (datasets.length < 2 && datasets[0]?.dag_id === state.dag) return "";
  return select({
    label: "Dataset",
    value: state.dag,
    values: datasets.map((each) => [each.dag_id, each.dag_display_name ?? each.dag_id]),
    key: "dataset",
    onChange: (dag) => go({ ...OF_A_VIEW, ...withoutFilters(state), snapshot_date: "", group_by: "", dag }),
  });
}

function snapshotChoice(state, snapshots, go) {
  if (!snapshots?.dates.length) return "";
  return select({
    label: "Snapshot",
    value: state.snapshot_date,
    values: [
      ["latest", `Latest: ${day(snapshots.latest)}`],
      ...snapshots.dates.map((date) => [date, day(date)]),
    ],
    key: "snapshot",
    onChange: (date) => go({ snapshot_date: date, offset: "" }),
  });
}

export function showChoices(state, { datasets, snapshots }, go) {
  const found = [datasetChoice(state, datasets, go), snapshotChoice(state, snapshots, go)].filter(Boolean);
  swap(choices, found);
  choices.hidden = !found.length;
  choices.title = `A snapshot is a day in UTC. Times are in the time zone ${zone}.`;
}
