/**
 * The line of filters above a view. Each is in the URL; the ones in use can be taken away one by one. On a phone a
 * button folds the line out, and the room above the view is the same from the beginning.
 */

import {
  DUE_GROUPS,
  DUE_RANGE,
  columnOf,
  filterOf,
  ofPeople,
  search,
  withoutFilters,
} from "./address.js";
import { h, swap } from "./dom.js";
import { dayOrMonth, number, words } from "./format.js";
import { courseKey } from "./parts.js";
import { Picker } from "./picker.js";

const TYPING_MS = 250;

const plain = (values) => values.map((value) => ({ value, label: value }));

function courses(options) {
  return options.courses.map((each) => ({
    value: courseKey(each),
    label: `${each.name ?? each.course_id}${each.batch_id ? ` · batch ${each.batch_id}` : ""}`,
  }));
}

/** Each filter's name, and its choices in this snapshot. */
const LISTED = {
  course: ["Course", courses],
  entity_type: ["Type", (options) => options.entity_types.map((value) => ({ value, label: words(value) }))],
  department: ["Department", (options) => plain(options.departments)],
  manager: ["Manager", (options) => plain(options.managers)],
  location: ["Location", (options) => plain(options.locations)],
};

/** Title and choices of the filter `name`; of one that is no list none. */
function listed(name) {
  if (LISTED[name]) return LISTED[name];
  const column = columnOf(name);
  return column === name ? undefined : [words(column), (options) => plain(options.people?.[column] ?? [])];
}

/** The group of what has no due date. */
const NO_DUE_DATE = "no due date";

/** Each filter by due dates, by its name. */
const DUE = { due_date: "Due", due_month: "Due", due_from: "Due from", due_until: "Due until" };

/** The filters of `view`: where there are people, by all columns of their file, and by due dates. */
function filtersOf(view, { state, options }) {
  if (!view.filters.includes("location")) return view.filters;
  const further = Object.keys(options.people ?? {}).map(filterOf);
  return [...view.filters, ...new Set([...further, ...ofPeople(state)]), ...DUE_GROUPS, ...DUE_RANGE];
}

/** Each value in use of these filters, with the filter's name. */
function inUse(view, page) {
  const values = (name) => [page.state[name]].flat().filter(Boolean);
  return filtersOf(view, page).flatMap((name) => values(name).map((value) => [name, value]));
}

const OVERDUE = [
  ["", "Any"],
  ["1", "At least 1 day"],
  ["7", "At least 7 days"],
  ["30", "At least 30 days"],
  ["90", "At least 90 days"],
];

function labelOf(name, value, options) {
  if (name === "q") return `“${value}”`;
  if (name === "min_days_overdue") return `Overdue for ${value}+ days`;
  if (DUE[name]) return words(dayOrMonth(value));
  return listed(name)[1](options).find((each) => each.value === value)?.label ?? value;
}

function chip(name, value, state, options) {
  const rest = Array.isArray(state[name]) ? state[name].filter((each) => each !== value) : "";
  const label = labelOf(name, value, options);
  const title = value === NO_DUE_DATE ? "" : DUE[name] ?? listed(name)?.[0] ?? "";
  return h(
    "li",
    {},
    h(
      "a",
      {
        class: "chip",
        href: search({ ...state, [name]: rest, offset: "" }),
        "data-key": `chip ${name} ${value}`,
      },
      h("span", { class: "unseen" }, "Take away the filter "),
      title && h("span", { class: "chip-name" }, `${title} `),
      label,
      h("span", { "aria-hidden": "true" }, " ×"),
    ),
  );
}

function chips(view, page) {
  const { state, options } = page;
  const all = inUse(view, page).map(([name, value]) => chip(name, value, state, options));
  if (!all.length) return "";
  return h(
    "div",
    { class: "chips" },
    h("ul", { "aria-label": "Filters in use" }, all),
    h("a", { href: search({ ...state, ...withoutFilters(state), ...view.keep?.(state) }) }, "Clear all"),
  );
}

/** The search field: it is made once, so that nothing is lost while somebody types. */
function searchField(go) {
  let waiting;
  const typed = (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(
      () => go({ q: event.target.value.trim(), offset: "" }, { replace: true }),
      TYPING_MS,
    );
  };
  return h("input", { type: "search", id: "q", name: "q", autocomplete: "off", oninput: typed });
}

function select({ label, value, values, onChange, key, className }) {
  const element = h(
    "select",
    { "data-key": key, onchange: (event) => onChange(event.target.value) },
    values.map(([each, text]) => h("option", { value: each }, text)),
  );
  element.value = value;
  if (element.selectedIndex < 0) element.prepend(h("option", { value, selected: true }, value));
  return h("label", { class: `field ${className ?? ""}` }, h("span", {}, label), element);
}

/** A field for a day. While somebody types a year, its first digits are none yet. */
function dayField({ label, onChange, key }) {
  const told = ({ target }) => target.validity.valid && onChange(target.value);
  const field = { type: "date", min: "2000-01-01", max: "2999-12-31", "data-key": key, onchange: told };
  return h("label", { class: "field" }, h("span", {}, label), h("input", field));
}

export { select };

export class Filters {
  #place;
  #go;
  #search;
  #text = h("span", {});
  #own = h("div", { class: "own" });
  #line = h("div", { class: "line", id: "filter-line" });
  #chips = h("div", { class: "in-use" });
  #fold;
  #badge = h("span", { class: "badge" });
  #pickers = new Map();
  #days = new Map();
  #options;

  constructor(place, go) {
    this.#place = place;
    this.#go = go;
    this.#search = searchField(go);
  }

  /** The filters of a `view` that is on its way: they take their room, and what there is to choose comes later. */
  await(view, state) {
    this.#place.hidden = !view.filters.length;
    this.#place.replaceChildren();
    this.#options = undefined;
    if (!view.filters.length) return;
    for (const part of [this.#own, this.#line, this.#chips]) part.replaceChildren();
    this.#search.value = state.q;
    this.#place.append(this.#form(view));
    if (this.#count(view, { state, options: {} })) this.#chips.append(h("div", { class: "chips" }));
  }

  /** Show the filters that `view` has for the page's state. */
  show(view, page) {
    const { state, options, mayName } = page;
    if (!view.filters.length) return;
    if (this.#options !== options) this.#pickers.clear();
    this.#options = options;
    this.#place.hidden = false;
    if (document.activeElement !== this.#search) this.#search.value = state.q;
    this.#tellSearch(view, mayName);
    this.#fill(this.#own, view.fields?.(page) ?? []);
    this.#fill(this.#line, this.#fields(view, page));
    this.#count(view, page);
    swap(this.#chips, chips(view, page));
  }

  /** Say what is searched: it is behind the field, which so stays in its place. */
  #tellSearch(view, mayName) {
    this.#text.replaceChildren(`by ${mayName ? "name, address or id" : "id"}${view.alsoFinds ?? ""}`);
  }

  /** What there is to choose can't be had. */
  giveUp() {
    if (!this.#options) this.#place.hidden = true;
  }

  #form(view) {
    this.#tellSearch(view, true);
    const label = h("span", {}, "Search a learner ");
    const search =
      view.filters.includes("q") && h("label", { class: "field grow" }, label, this.#search, this.#text);
    this.#fold = h(
      "button",
      { type: "button", class: "fold", "aria-expanded": "false", "aria-controls": this.#line.id },
      view.groups ? "Filter or group" : "Filters",
      this.#badge,
    );
    this.#fold.addEventListener("click", () => {
      const isOpen = this.#fold.getAttribute("aria-expanded") === "true";
      this.#fold.setAttribute("aria-expanded", String(!isOpen));
    });
    const attributes = {
      class: "filters",
      role: "search",
      "aria-label": "Filters",
      onsubmit: (event) => event.preventDefault(),
    };
    const own = view.fields && this.#own;
    return h("form", attributes, search, h("div", { class: "lines" }, own, this.#fold, this.#line, this.#chips));
  }

  /** Say on the button how many are in use, and return it. */
  #count(view, page) {
    const count = inUse(view, page).length;
    this.#badge.hidden = !count;
    this.#badge.replaceChildren(number(count), h("span", { class: "unseen" }, " in use"));
    return count;
  }

  /** What is there already stays in its place: an open list of choices keeps its focus and its scroll position. */
  #fill(line, fields) {
    const key = line.contains(document.activeElement) && document.activeElement.dataset.key;
    fields.forEach((field, at) => {
      const there = line.children[at];
      if (!there) line.append(field);
      else if (there !== field) there.replaceWith(field);
    });
    while (line.children.length > fields.length) line.lastElementChild.remove();
    if (key) line.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }

  #fields(view, page) {
    const { state, options } = page;
    const lists = filtersOf(view, page)
      .filter(listed)
      .map((name) => this.#picker(name, state, options));
    const overdue =
      view.filters.includes("min_days_overdue") && options.has_deadlines && this.#overdue(state);
    const due = view.filters.includes("location") && options.has_deadlines ? DUE_RANGE : [];
    const days = due.map((name) => this.#day(name, state));
    return [...lists, ...days, overdue, this.#groupBy(view, page)].filter(Boolean);
  }

  /** Made once, like a picker: what is half typed stays. */
  #day(name, state) {
    if (!this.#days.has(name)) {
      const onChange = (day) => this.#go({ [name]: day ? [day] : [], offset: "" });
      this.#days.set(name, dayField({ label: DUE[name], onChange, key: name }));
    }
    const label = this.#days.get(name);
    const field = label.querySelector("input");
    if (document.activeElement !== field) field.value = state[name][0] ?? "";
    return label;
  }

  #picker(name, state, options) {
    const [title, valuesOf] = listed(name);
    const values = valuesOf(options);
    const chosen = state[name] ?? [];
    if (!values.length && !chosen.length) return "";
    if (!this.#pickers.has(name)) {
      const onChange = (values) => this.#go({ [name]: values, offset: "" });
      this.#pickers.set(name, new Picker({ name: title, values, onChange }));
    }
    return this.#pickers.get(name).show(chosen);
  }

  #groupBy({ groups }, { state, options }) {
    if (!groups || (!options.group_by?.length && !state.group_by)) return "";
    return select({
      label: "Group by",
      value: state.group_by,
      values: [["", "Nothing"], ...options.group_by.map((column) => [column, words(column)])],
      onChange: (column) => this.#go({ group_by: column }),
      key: "group_by",
    });
  }

  #overdue(state) {
    const onChange = (value) => this.#go({ min_days_overdue: value, offset: "" });
    return select({
      label: "Overdue",
      value: state.min_days_overdue,
      values: OVERDUE,
      onChange,
      key: "overdue",
    });
  }
}
