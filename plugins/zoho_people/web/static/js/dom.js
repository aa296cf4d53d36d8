/** Elements from plain values. Text is always text: nothing here, or anywhere on the page, parses HTML. */

const missing = (child) => child === null || child === undefined || child === false;

function set(element, name, value) {
  if (missing(value)) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style")
    Object.entries(value).forEach(([property, each]) => element.style.setProperty(property, each));
  else element.setAttribute(name, value === true ? "" : value);
}

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat(Infinity).filter((child) => !missing(child)));
  return element;
}

/** Put `nodes` in the place of what is there; whoever used an element with a data-key goes on using its successor. */
export function swap(place, ...nodes) {
  const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const open = [...place.querySelectorAll("details[open][data-key]")].map((each) => each.dataset.key);
  place.replaceChildren(...nodes.flat(Infinity).filter((node) => !missing(node)));
  for (const each of open)
    place.querySelector(`details[data-key="${CSS.escape(each)}"]`)?.setAttribute("open", "");
  if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

let ids = 0;

export function newId(stem) {
  ids += 1;
  return `${stem}-${ids}`;
}
