/** The Airflow around this page: the page is a frame of Airflow's UI, or a window of its own. */

import { h } from "./dom.js";

/** Airflow's document, where this page is a frame of it; else this page's own. */
function outer() {
  try {
    return window.parent.document;
  } catch {
    return document;
  }
}

/** A frame can't leave itself; a link in Airflow's own document can. */
function openOutside(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const link = outer().createElement("a");
  link.href = event.currentTarget.href;
  link.click();
}

/** A link to a page of Airflow; plain text where the URL is none of this server. */
export function link(url, ...children) {
  if (!/^\/(?![/\\])/.test(url ?? "")) return h("span", {}, children);
  return h("a", { href: url, onclick: openOutside }, children);
}

export function signIn() {
  const next = outer() === document ? location.href : window.parent.location.href;
  const login = new URL(`../api/v2/auth/login?${new URLSearchParams({ next })}`, document.baseURI);
  return h("a", { class: "button", href: login.href, onclick: openOutside }, "Sign in");
}

/** Show this view's address in Airflow's own address bar, so that it can be copied and reloaded. */
export function mirror() {
  if (outer() === document) return;
  const { pathname } = window.parent.location;
  const frame = pathname.match(/^(.*\/plugin\/[^/]+)(\/|$)/);
  if (!frame || frame[1].includes("/dags/")) return;
  window.parent.history.replaceState(
    window.parent.history.state,
    "",
    `${frame[1]}${location.pathname}${location.search}`,
  );
}
