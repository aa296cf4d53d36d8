/** What the page shows is told by the query of its URL: it can be sent to somebody, and back and forward work. */

/** What one can group by of the deadlines file, and filter by its groups; and the first and last day that are due. */
export const DUE_GROUPS = ["due_date", "due_month"];
export const DUE_RANGE = ["due_from", "due_until"];
/** Parameters that may be there several times, and those that are a filter of one value. */
export const LISTS = [
  ...["course", "entity_type", "department", "manager", "location"],
  ...DUE_GROUPS,
  ...DUE_RANGE,
];
const SINGLE = [
  "view",
  "dag",
  "snapshot_date",
  "learner_id",
  "group_by",
  "q",
  "min_days_overdue",
  "sort",
  "offset",
];
const DEFAULTS = { view: "overview", snapshot_date: "latest" };
const OF_PEOPLE = "people.";
const USUAL = ["department", "manager", "location", ...DUE_GROUPS];

/** The filter by a column; that by a further one of the people file begins with `people.`. */
export const filterOf = (column) => (USUAL.includes(column) ? column : `${OF_PEOPLE}${column}`);
export const columnOf = (name) => name.replace(OF_PEOPLE, "");
/** The filters by further columns of the people file that `state` has. */
export const ofPeople = (state) => Object.keys(state).filter((name) => name.startsWith(OF_PEOPLE));
const listsOf = (state) => [...LISTS, ...ofPeople(state)];

/** What a view keeps for itself when another one is opened. */
export const OF_A_VIEW = { q: "", sort: "", offset: "", min_days_overdue: "", learner_id: "" };

export function read(search) {
  const query = new URLSearchParams(search);
  const single = SINGLE.map((name) => [name, query.get(name)?.trim() || DEFAULTS[name] || ""]);
  const named = listsOf(Object.fromEntries(query));
  const lists = named.map((name) => [name, [...new Set(query.getAll(name).filter(Boolean))]]);
  return Object.freeze(Object.fromEntries([...single, ...lists]));
}

function pairs(state, names) {
  return names.flatMap((name) => [state[name] ?? ""].flat().map((value) => [name, value]));
}

/** The URL's query that shows `state`; what is as usual is left out. */
export function search(state) {
  const told = pairs(state, [...SINGLE, ...listsOf(state)]).filter(
    ([name, value]) => value && value !== DEFAULTS[name],
  );
  return `?${new URLSearchParams(told)}`;
}

/** What the API is asked for `state`. */
export function parameters(state, ...names) {
  const asked = pairs(state, ["dag", "snapshot_date", ...listsOf(state), ...names]).filter(
    ([, value]) => value,
  );
  return new URLSearchParams(asked);
}

/** What takes all filters away from `state`. */
export const withoutFilters = (state) => ({
  ...Object.fromEntries(listsOf(state).map((name) => [name, []])),
  q: "",
  min_days_overdue: "",
  offset: "",
});
