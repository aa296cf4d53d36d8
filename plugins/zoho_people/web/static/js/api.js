/** The page's questions to the server. Each answer is data or a Problem that says what to do. */

import { sentence } from "./format.js";

export class Problem extends Error {
  constructor(problem, cure, status = 0) {
    super(problem);
    this.cure = cure;
    this.status = status;
  }
}

const WITHOUT_DETAIL = {
  401: [
    "You are signed out of Airflow.",
    "Sign in again. The view and its filters are kept in this page's address.",
  ],
  403: ["You may not see this.", "Ask for the right to read this DAG in Airflow."],
  404: ["The server knows no such thing.", "Reload the page: a newer version of it may have been installed."],
};

async function problemOf(response) {
  const { detail } = await response.json().catch(() => ({}));
  if (detail?.problem)
    return new Problem(sentence(detail.problem), sentence(detail.cure ?? ""), response.status);
  const [problem, cure] = WITHOUT_DETAIL[response.status] ?? [
    `The server answered with an error (HTTP ${response.status}).`,
    "Try again. If it stays, the log of Airflow's API server says more.",
  ];
  return new Problem(problem, cure, response.status);
}

export const url = (route, query) => `api/${route}?${query}`;

export async function get(route, query, signal) {
  let response;
  try {
    response = await fetch(url(route, query), { signal, headers: { Accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(
      "The server can't be reached.",
      "Look whether you are online and Airflow is up, then try again.",
    );
  }
  if (!response.ok) throw await problemOf(response);
  return response.json();
}
