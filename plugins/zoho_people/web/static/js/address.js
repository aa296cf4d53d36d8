/** What the page shows is told by the query of its URL: it can be sent to somebody, and back and forward work. */

/** Parameters that may be there several times. */
export const LISTS = ["course", "entity_type", "department", "manager", "location"];
const SINGLE = ["view", "dag", "snapshot_date", "learner_id", "q", "min_days_overdue", "sort", "offset"];
const DEFAULTS = { view: "overview", snapshot_date: "latest" };
/** What a view keeps for itself when another one is opened. */
export const OF_A_VIEW = { q: "", sort: "", offset: "", min_days_overdue: "", learner_id: "" };

export function read(search) {
  const query = new URLSearchParams(search);
  const single = SINGLE.map((name) => [name, query.get(name)?.trim() || DEFAULTS[name] || ""]);
  const lists = LISTS.map((name) => [name, [...new Set(query.getAll(name).filter(Boolean))]]);
  return Object.freeze(Object.fromEntries([...single, ...lists]));
}

function pairs(state, names) {
  return names.flatMap((name) => [state[name] ?? ""].flat().map((value) => [name, value]));
}

/** The URL's query that shows `state`; what is as usual is left out. */
export function search(state) {
  const told = pairs(state, [...SINGLE, ...LISTS]).filter(
    ([name, value]) => value && value !== DEFAULTS[name],
  );
  return `?${new URLSearchParams(told)}`;
}

/** What the API is asked for `state`. */
export function parameters(state, ...names) {
  const asked = pairs(state, ["dag", "snapshot_date", ...LISTS, ...names]).filter(([, value]) => value);
  return new URLSearchParams(asked);
}

export const NO_FILTERS = {
  ...Object.fromEntries(LISTS.map((name) => [name, []])),
  q: "",
  min_days_overdue: "",
  offset: "",
};
