/** Charts by Apache ECharts, drawn as SVG; each says in words what it shows, and has its figures as a table. */

import { h } from "./dom.js";
import { table } from "./table.js";

const SOURCE = new URL("../vendor/echarts/echarts.common.min.js", import.meta.url);
let library;

function load() {
  library ??= new Promise((resolve, reject) => {
    const script = h("script", { src: SOURCE.href, onload: () => resolve(window.echarts), onerror: reject });
    document.head.append(script);
  });
  return library;
}

const shown = new Set();

/** Colours and type as the style sheet has them. */
function look() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    line: of("line"),
    accent: of("accent"),
    warn: of("warn"),
    paper: of("paper"),
    several: ["accent", "warn", "good", "bad", "text-soft"].map(of),
    type: {
      color: of("text-soft"),
      fontFamily: style.fontFamily,
      fontSize: parseFloat(style.fontSize) * 0.85,
    },
  };
}

/** Draw all charts anew: the theme is another one. */
export function redraw() {
  for (const again of shown) again();
}

const MISSING = "The chart can't be drawn: a file of this page is missing. Its figures are below.";

function draw(echarts, canvas, optionOf, summary) {
  // Another view may have come while the library was loading.
  if (!canvas.isConnected) return;
  const chart = echarts.init(canvas, null, { renderer: "svg" });
  const aria = { enabled: true, label: { description: summary } };
  const again = () => chart.setOption({ animation: false, aria, ...optionOf(look()) }, true);
  const observer = new ResizeObserver(() => {
    if (canvas.isConnected) {
      chart.resize();
      return;
    }
    observer.disconnect();
    shown.delete(again);
    chart.dispose();
  });
  again();
  shown.add(again);
  observer.observe(canvas);
}

/** A figure: title, what it counts, the chart, and its figures as a table. */
function figure({ title, counts, summary, columns, rows, optionOf }) {
  const canvas = h("div", { class: "chart", role: "img", "aria-label": summary });
  load().then(
    (echarts) => draw(echarts, canvas, optionOf, summary),
    () => canvas.replaceChildren(h("p", { class: "empty" }, MISSING)),
  );
  return h(
    "figure",
    {},
    h("figcaption", {}, h("h2", {}, title), h("p", { class: "counts" }, counts)),
    canvas,
    h(
      "details",
      { "data-key": `figures of ${title}` },
      h("summary", {}, "Show the figures as a table"),
      table({ caption: title, columns, rows }),
    ),
  );
}

function tip(format) {
  return ([point]) =>
    h(
      "div",
      { class: "tip" },
      h("strong", {}, format.title(point.data[0])),
      h("div", {}, format.value(point.data[1], point.data[2] ?? point.dataIndex)),
    );
}

/** The same for several lines. */
function tips(format) {
  return (points) =>
    h(
      "div",
      { class: "tip" },
      h("strong", {}, format.title(points[0].data[0])),
      points.map(({ seriesName, data }) => h("div", {}, `${seriesName}: ${format.value(data[1])}`)),
    );
}

function base(palette, { formatX, formatY, maximum, tooltip }) {
  const label = { ...palette.type, hideOverlap: true };
  const line = { lineStyle: { color: palette.line } };
  return {
    useUTC: true,
    grid: { left: 4, right: 24, top: 16, bottom: 8, containLabel: true },
    tooltip: {
      trigger: "axis",
      confine: true,
      formatter: tip(tooltip),
      borderWidth: 0,
      padding: 0,
      backgroundColor: "transparent",
      extraCssText: "box-shadow: none",
    },
    xAxis: {
      type: "time",
      axisLabel: { ...label, formatter: formatX },
      axisLine: line,
      axisTick: line,
      splitLine: { show: false },
      minInterval: 60_000,
    },
    yAxis: {
      type: "value",
      min: 0,
      max: maximum,
      axisLabel: { ...label, formatter: formatY },
      splitLine: line,
      minInterval: maximum === 1 ? 0.25 : 1,
    },
  };
}

const DAY_MS = 86_400_000;
const instantOf = (date) => Date.parse(`${date}T00:00:00Z`);

function sharesByDay(palette, format) {
  const option = base(palette, {
    formatX: format.shortDay,
    formatY: format.percent,
    maximum: 1,
    tooltip: { title: format.shortDay, value: format.tip },
  });
  option.xAxis.minInterval = DAY_MS;
  return option;
}

/** Shares over days, always on an axis of 0 to 100 %; what is told of a part only is a hollow point beside the line. */
export function shareOverDays({ title, counts, summary, points, columns, rows, format }) {
  const all = points.map(([date, share, isPartial], index) => [instantOf(date), share, index, isPartial]);
  const data = all.filter(([, , , isPartial]) => !isPartial);
  const optionOf = (palette) => {
    const option = sharesByDay(palette, format);
    const line = {
      type: "line",
      data,
      symbol: "circle",
      symbolSize: points.length > 60 ? 3 : 7,
      lineStyle: { width: 2.5, color: palette.accent },
      itemStyle: { color: palette.accent },
      areaStyle: { color: palette.accent, opacity: 0.08 },
    };
    const partial = {
      type: "scatter",
      data: all.filter(([, , , isPartial]) => isPartial),
      symbolSize: 9,
      itemStyle: { color: palette.paper, borderColor: palette.warn, borderWidth: 2 },
    };
    return { ...option, series: [line, partial] };
  };
  return figure({ title, counts, summary, columns, rows, optionOf });
}

const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect"];

/** Several shares over days, each a line with its name at the end; `lines` are `{name, points}`. */
export function sharesOverDays({ title, counts, summary, lines, columns, rows, format }) {
  const optionOf = (palette) => {
    const option = sharesByDay(palette, format);
    option.grid.right = 112;
    option.tooltip.formatter = tips({ title: format.shortDay, value: format.tip });
    const series = lines.map(({ name, points }, place) => {
      const color = palette.several[place];
      return {
        type: "line",
        name,
        data: points.map(([date, share]) => [instantOf(date), share]),
        symbol: SYMBOLS[place],
        symbolSize: points.length > 60 ? 3 : 7,
        lineStyle: { width: 2.5, color },
        itemStyle: { color },
        endLabel: { show: true, formatter: name, ...palette.type, color, width: 100, overflow: "truncate" },
        labelLayout: { moveOverlap: "shiftY" },
      };
    });
    return { ...option, series };
  };
  return figure({ title, counts, summary, columns, rows, optionOf });
}

/** A count in each minute beside the limit. */
export function countsPerMinute({ title, counts, summary, points, limit, columns, rows, format }) {
  const data = points.map(({ minute, count }) => [Date.parse(minute), count]);
  const highest = Math.max(limit ?? 0, ...points.map(({ count }) => count));
  const optionOf = (palette) => {
    const option = base(palette, {
      formatX: format.minute,
      formatY: format.number,
      maximum: Math.ceil(highest * 1.15) || 1,
      tooltip: { title: format.minute, value: format.tip },
    });
    const label = {
      formatter: `Limit: ${limit}`,
      position: "insideEndTop",
      ...palette.type,
    };
    const markLine = limit && {
      silent: true,
      symbol: "none",
      label,
      lineStyle: { color: palette.warn, type: "dashed", width: 2 },
      data: [{ yAxis: limit }],
    };
    return {
      ...option,
      series: [
        {
          type: "bar",
          data,
          barMaxWidth: 14,
          itemStyle: { color: palette.accent },
          markLine: markLine || undefined,
        },
      ],
    };
  };
  return figure({ title, counts, summary, columns, rows, optionOf });
}
