/** The page: shows the view that its address names, and follows every link and filter. */

import { parameters, read, search } from "./address.js";
import { mirror, signIn } from "./airflow.js";
import { Problem, get } from "./api.js";
import { redraw } from "./chart.js";
import { Context, meant } from "./context.js";
import { h, swap } from "./dom.js";
import { Filters } from "./filters.js";
import { counted, sentence } from "./format.js";
import { showChoices, showViews } from "./header.js";
import { whileSeen } from "./news.js";
import { notice, problem, skeleton } from "./parts.js";
import { closePickers } from "./picker.js";
import { follow } from "./theme.js";
import { behind } from "./views/behind.js";
import { course } from "./views/course.js";
import { health } from "./views/health.js";
import { learner, learners } from "./views/learner.js";
import { overview } from "./views/overview.js";

const VIEWS = { overview, course, learner: learners, behind, health };
const TITLE = "Learner progress";
const OTHER_VERSION =
  "Reload the page. If it stays so, page and server may be of two versions: restart Airflow’s API server.";

const AGAIN_MS = 2_000;

const place = (id) => document.getElementById(id);
const content = place("content");
const context = new Context();
const filters = new Filters(place("filters"), go);
let running = new AbortController();
let shown = {};

function viewOf(state) {
  if (state.view === "learner" && state.learner_id) return learner;
  return Object.hasOwn(VIEWS, state.view) ? VIEWS[state.view] : undefined;
}

/** Show what the address is with `change`. */
function go(change, { replace = false } = {}) {
  const to = search({ ...read(location.search), ...change });
  history[replace ? "replaceState" : "pushState"](null, "", to);
  show();
}

function heading(text) {
  document.title = `${text} · ${TITLE}`;
  return h("h1", { tabindex: "-1", "data-key": "heading" }, text);
}

/** Say to a reader who can't see it what is there now. */
function tell(text) {
  place("told").textContent = text;
}

function waiting(view, another, state) {
  content.setAttribute("aria-busy", "true");
  if (!another) return;
  swap(content, heading(view.title), skeleton());
  filters.await(view, state);
  if (shown.view === undefined) return;
  scrollTo(0, 0);
  content.querySelector("h1").focus({ preventScroll: true });
}

function failed(view, error) {
  const known = error instanceof Problem;
  if (!known) console.error(error);
  const message = known ? error.message : "The page can’t show this answer.";
  filters.giveUp();
  const again = h("button", { type: "button", onclick: () => (context.forget(), show()) }, "Try again");
  const action = error.status === 401 ? signIn() : again;
  swap(content, heading(view.title), problem({ message, cure: known ? error.cure : OTHER_VERSION, action }));
}

/** What `view` shows for `asked`, with everything around it. */
async function answerOf(view, asked, signal) {
  const datasets = await context.datasets();
  showChoices(asked, { datasets }, go);
  const dataset = meant(asked, datasets);
  const state = { ...asked, dag: dataset.dag_id };
  const snapshots = await context.snapshots(state).catch(() => undefined);
  if (signal.aborted) return undefined;
  showChoices(state, { datasets, snapshots: view.withoutSnapshot ? undefined : snapshots }, go);
  showViews(VIEWS, state);
  const options = await context.options(state, view);
  if (signal.aborted) return undefined;
  const page = { state, options, go, mayName: dataset.may_see_names !== false };
  filters.show(view, page);
  const needs = view.needs?.(state);
  const ask = (route, narrowed = state, ...names) => get(route, parameters(narrowed, ...names), signal);
  const data = needs ? undefined : await view.load(ask, page);
  return { page, needs, data, snapshots };
}

function put(view, { page, needs, data, snapshots }) {
  shown.fingerprint = snapshots?.files_fingerprint;
  if (needs) {
    swap(content, heading(view.title), h("p", { class: "empty" }, needs));
    tell(needs);
    return;
  }
  const warnings = (data.warnings ?? []).map((text) => notice("warn", "Note.", sentence(text)));
  swap(content, heading(view.heading?.(data) ?? view.title), warnings, view.show(data, page));
  tell(view.tell(data));
  pending(data.pending_days ?? 0);
}

/** Figures over time may come later: then say so, and ask again until all of them are there. */
function pending(days) {
  const text = `Older snapshots are being read: ${counted(days, "day")} to go.`;
  place("pending").replaceChildren(days ? h("p", { class: "toast" }, text) : "");
  if (!days) return;
  const { signal } = running;
  setTimeout(() => signal.aborted || show({ quiet: true }), AGAIN_MS);
}

async function show({ quiet = false } = {}) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const state = read(location.search);
  const view = viewOf(state) ?? { title: TITLE, filters: [] };
  const another = shown.view?.title !== view.title;
  if (another) showViews(VIEWS, state);
  if (!quiet) {
    place("pending").replaceChildren();
    takeNews();
    waiting(view, another, state);
  }
  shown.view = view;
  mirror();
  try {
    if (!view.show) throw new Problem(`There is no view “${state.view}”.`, "Choose one of the views above.");
    const answer = await answerOf(view, state, signal);
    if (signal.aborted) return;
    put(view, answer);
  } catch (error) {
    if (signal.aborted) return;
    failed(view, error);
  }
  content.removeAttribute("aria-busy");
}

/** There are new files: whatever is shown next is from them. */
function takeNews() {
  if (!place("news").hasChildNodes()) return;
  place("news").replaceChildren();
  context.forget();
}

function offerNews() {
  const text = "New data has been published.";
  const take = () => {
    show();
    content.focus({ preventScroll: true });
  };
  const button = h("button", { type: "button", onclick: take }, "Show it");
  place("news").replaceChildren(h("div", { class: "toast" }, h("p", {}, text), button));
  tell(text);
}

async function look() {
  if (shown.view.live) await show({ quiet: true });
  if (shown.fingerprint === undefined || place("news").hasChildNodes()) return;
  const { dag_id: dag } = meant(read(location.search), await context.datasets());
  const { files_fingerprint: now } = await get("snapshots", new URLSearchParams({ dag }));
  if (now !== shown.fingerprint) offerNews();
}

function followLinks(event) {
  const link = event.target.closest?.('a[href^="?"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  history.pushState(null, "", link.getAttribute("href"));
  show();
}

document.addEventListener("click", followLinks);
addEventListener("popstate", () => show());
follow(redraw);
closePickers();
// What can't be asked now is asked in a minute again.
whileSeen(() => look().catch(() => {}));
show();
