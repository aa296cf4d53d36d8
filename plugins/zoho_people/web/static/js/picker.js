/** A filter of several choices: a button that opens a list of checkboxes, with a search field where it is long. */

import { h } from "./dom.js";
import { number } from "./format.js";

const LONG = 10;

function searchField(list, name) {
  const narrow = (event) => {
    const text = event.target.value.toLowerCase();
    for (const each of list.children) each.hidden = !each.textContent.toLowerCase().includes(text);
  };
  return h("input", {
    type: "search",
    "aria-label": `Search in ${name}`,
    placeholder: "Search",
    oninput: narrow,
  });
}

function closeOthers(mine) {
  for (const other of document.querySelectorAll("details.picker[open]"))
    if (other !== mine) other.open = false;
}

export class Picker {
  #onChange;
  #badge = h("span", { class: "badge", hidden: true });
  #list;
  #element;

  /** `values` are `{value, label}`; `onChange` gets the values that are chosen. */
  constructor({ name, values, onChange }) {
    this.#onChange = onChange;
    this.#list = h(
      "div",
      { class: "options", role: "group", "aria-label": name },
      values.map((each) => this.#option(each)),
    );
    const pop = h("div", { class: "pop" }, values.length > LONG && searchField(this.#list, name), this.#list);
    this.#element = h(
      "details",
      { class: "picker", "data-key": `picker ${name}` },
      h("summary", {}, name, this.#badge),
      pop,
    );
    this.#element.addEventListener("toggle", () => this.#element.open && closeOthers(this.#element));
  }

  /** The element, with `chosen` ticked. What the URL names is a choice even where this snapshot has none of it. */
  show(chosen) {
    const boxes = [...this.#list.querySelectorAll("input")];
    const known = new Set(boxes.map(({ value }) => value));
    for (const box of boxes) box.checked = chosen.includes(box.value);
    for (const value of chosen.filter((each) => !known.has(each))) {
      const added = this.#option({ value, label: value });
      added.querySelector("input").checked = true;
      this.#list.append(added);
    }
    this.#badge.hidden = !chosen.length;
    this.#badge.replaceChildren(number(chosen.length), h("span", { class: "unseen" }, " chosen"));
    return this.#element;
  }

  #option({ value, label }) {
    const chosen = () => [...this.#list.querySelectorAll("input:checked")].map((box) => box.value);
    const box = h("input", { type: "checkbox", value, onchange: () => this.#onChange(chosen()) });
    return h("label", { class: "option" }, box, h("span", {}, label));
  }
}

/** Pickers close like menus: by Escape, and when something else is used. */
export function closePickers() {
  document.addEventListener("keydown", (event) => {
    const open = document.querySelector("details.picker[open]");
    if (event.key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("pointerdown", (event) => closeOthers(event.target.closest?.("details.picker")));
  document.addEventListener("focusin", (event) => closeOthers(event.target.closest?.("details.picker")));
}
