/** What every view needs: the datasets, one dataset's snapshots, and what its filters may be. Asked once and kept. */

import { parameters } from "./address.js";
import { Problem, get } from "./api.js";
import { day } from "./format.js";

const NOTHING = {
  courses: [],
  entity_types: [],
  departments: [],
  managers: [],
  locations: [],
  people: {},
  group_by: [],
  has_people: false,
  has_deadlines: false,
};
const NO_DATASET =
  "Trigger the DAG once in Airflow, so that it publishes a snapshot; or ask for the right to read it.";
const OTHER_DATASET = "Choose another one, or ask for the right to read this DAG.";
const NO_SNAPSHOT =
  "Trigger the DAG in Airflow. Its first snapshot shows here when a run has published there; Run health tells how far it is.";
const OTHER_SNAPSHOT = "Choose another day above. Retention may have removed this one.";

/** The dataset that `state` means. */
export function meant(state, datasets) {
  if (!datasets.length) throw new Problem("There is no dataset that you may read.", NO_DATASET);
  const dag = state.dag || datasets[0].dag_id;
  const dataset = datasets.find((each) => each.dag_id === dag);
  if (!dataset)
    throw new Problem(`The DAG “${dag}” has no learner progress that you may read.`, OTHER_DATASET);
  return dataset;
}

function shownDay(date) {
  return /^\d{4}-\d\d-\d\d$/.test(date) && Date.parse(date) ? day(date) : `“${date}”`;
}

function checked({ snapshot_date: date }, { dates, output_path: path }) {
  if (!dates.length)
    throw new Problem(`Nothing has been published${path ? ` below ${path}` : ""} yet.`, NO_SNAPSHOT);
  if (date !== "latest" && !dates.includes(date)) {
    throw new Problem(`There is no snapshot of ${shownDay(date)}.`, OTHER_SNAPSHOT);
  }
}

export class Context {
  #kept = new Map();

  /** Forget all answers: there may be new ones. */
  forget() {
    this.#kept.clear();
  }

  #once(route, query = "", made = (answer) => answer) {
    const key = `${route}?${query}`;
    if (!this.#kept.has(key)) {
      const asked = get(route, query).then(made);
      this.#kept.set(key, asked);
      asked.catch(() => this.#kept.delete(key));
    }
    return this.#kept.get(key);
  }

  datasets() {
    return this.#once("datasets");
  }

  snapshots({ dag }) {
    return this.#once("snapshots", new URLSearchParams({ dag }));
  }

  #options({ dag, snapshot_date }) {
    return this.#once("options", parameters({ dag, snapshot_date }), (found) => ({ ...NOTHING, ...found }));
  }

  /** What the filters may be; a view that needs no snapshot does without what can't be had. */
  async options(state, { withoutSnapshot }) {
    if (withoutSnapshot) return this.#options(state).catch(() => NOTHING);
    checked(state, await this.snapshots(state));
    return this.#options(state);
  }
}
