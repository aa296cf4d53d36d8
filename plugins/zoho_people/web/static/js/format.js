/** Numbers, days and instants as the reader's locale writes them. */

/** The time zone chosen in Airflow's UI, else the browser's. */
function chosenZone() {
  const browsers = Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    const zone = JSON.parse(localStorage.getItem("timezone")) || browsers;
    return Intl.DateTimeFormat(undefined, { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return browsers;
  }
}

const ZONE = chosenZone();
const DASH = "–";
const plain = new Intl.NumberFormat();
const oneDecimal = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(undefined, {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const wholePercents = new Intl.NumberFormat(undefined, { style: "percent" });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const shortDays = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const months = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "long", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", timeZone: ZONE });
const instants = new Intl.DateTimeFormat(undefined, {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: ZONE,
  timeZoneName: "short",
});
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

const none = (value) => value === null || value === undefined;

export const zone = ZONE;
export const number = (value) => (none(value) ? DASH : plain.format(value));
export const decimal = (value) => (none(value) ? DASH : oneDecimal.format(value));

/** A share of 1 in percent, rounded down: what is not complete never reads 100 %, what has begun never 0. */
export function percent(share) {
  if (none(share)) return DASH;
  if (share > 0 && share < 0.001) return `< ${percents.format(0.001)}`;
  return percents.format(Math.floor(share * 1000 + 1e-9) / 1000);
}

export const wholePercent = (share) => wholePercents.format(share);

/** A snapshot's day: a UTC day, so no time zone may move it. */
export const day = (date) => (date ? days.format(new Date(`${date}T00:00:00Z`)) : DASH);
/** A day, or a month as `2026-12`; any other text as it is. */
export function dayOrMonth(text) {
  if (!/^\d{4}-\d\d(-\d\d)?$/.test(text) || Number.isNaN(Date.parse(text))) return text;
  return text.length > 7 ? day(text) : months.format(new Date(text));
}
export const shortDay = (moment) => shortDays.format(new Date(moment));
export const minute = (moment) => clock.format(new Date(moment));
/** A moment with its time zone. */
export const instant = (moment) => (moment ? instants.format(new Date(moment)) : DASH);

/** How long ago, or how long from now. */
export function ago(moment, now = Date.now()) {
  if (!moment) return DASH;
  const seconds = (Date.parse(moment) - now) / 1000;
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS.at(-1);
  return relative.format(Math.trunc(seconds / size), unit);
}

export function hours(count) {
  if (none(count)) return DASH;
  const [value, unit] = count >= 48 ? [count / 24, "day"] : [count, "hour"];
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit,
    unitDisplay: "long",
    maximumFractionDigits: 0,
  }).format(Math.floor(value));
}

/** `online_tests` as "Online tests". */
export function words(name) {
  const text = String(name ?? "").replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What the server says, as a sentence. */
export function sentence(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?:…]$/.test(whole) || !whole ? whole : `${whole}.`;
}

/** "1 learner", "2,000 learners". */
export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
