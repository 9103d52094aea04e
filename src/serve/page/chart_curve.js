// The trade-off along the control last touched: what the fee and the service become at each of its values.

import { s } from "./dom.js";
import { COUNT, SECONDS, SHARE, estimate, money, value } from "./format.js";
import { nearestOf } from "./chart_latency.js";
import { linear, path, ticks } from "./scale.js";

const LEFT = 58;
const RIGHT = 18;
const PANEL = 84;
const HEAD = 22;
const GAP = 14;

/** Figures that can be set against the fee. */
export const METRICS = {
  availability: ["Availability", SHARE],
  p99: ["Latency p99", SECONDS],
  throttled: ["Throttled share", SHARE],
};

/** The model of the chart. `result` is the answer that is shown, for currency and objectives; `choose(value)` sets the control. */
export function tradeOff(curve, title, metric, result, choose) {
  if (!curve || !result || curve.points.length === 0) {
    return { empty: "Move a control to see what it trades.", describe: "No control was moved yet." };
  }
  const refused = curve.points.filter((point) => point.refused);
  const current = curve.points.find((point) => point.current);
  const { currency } = result.fee;
  const unit = money(currency);
  const target = (id) => result.objectives.find((objective) => objective.name === id)?.target ?? null;
  const [name, metricUnit] = METRICS[metric];
  const panels = [
    { title: `Fee a month, ${currency}`, id: "fee", unit, hue: "blue", target: target("fee") },
    { title: name, id: metric, unit: metricUnit, hue: metric === "throttled" ? "vermilion" : "purple", target: target(metric) },
  ];
  for (const panel of panels) Object.assign(panel, range(curve.points, panel));
  const dashed = panels.some((panel) => panel.dashed) ? " Dashed: the objective." : "";
  const more = curve.final ? "" : " More values are being computed.";
  const whys = refused.map((point) => `${point.value}: ${point.refused}`).join("; ");
  return {
    describe: `${title} is ${current?.value ?? "another value"}, ${current ? `fee ${estimate(current.fee, unit)}` : ""}`,
    note: `Ringed: the value now. Click a value, or press Enter on it, to choose it.${dashed}${more}${whys ? ` Refused: ${whys}.` : ""}`,
    draw: (svg, width) => draw(svg, width, curve.points, panels),
    table: () => ({
      head: [title, ...panels.map((panel) => panel.title)],
      rows: curve.points.map((point) => [
        point.current ? `${point.value} (now)` : point.value,
        ...(point.refused ? ["refused", point.refused] : panels.map((panel) => estimate(point[panel.id], panel.unit))),
      ]),
    }),
    choose: (i) => {
      if (!curve.points[i].refused && !curve.points[i].current) choose(curve.points[i].value);
    },
  };
}

/** The figure of a point, or null where it is refused, not computed yet, or 0/0. */
const figure = (point, id) => (Number.isFinite(point[id]?.mean) ? point[id] : null);

const ends = (e) => [e.lo ?? e.mean, e.hi ?? e.mean];

/** The axis of a panel: from its values, a fee from zero unless that would hide all differences; with the objective if it is near. */
function range(points, panel) {
  const known = points.map((point) => figure(point, panel.id)).filter((e) => e !== null);
  const finite = known.flatMap((e) => [e.mean, ...ends(e)]);
  if (finite.length === 0) return { low: 0, high: 1, dashed: false };
  let [low, high] = [Math.min(...finite), Math.max(...finite)];
  const reach = Math.max(high - low, high * 0.02);
  const dashed = panel.target !== null && panel.target >= low - reach && panel.target <= high + reach;
  if (dashed) [low, high] = [Math.min(low, panel.target), Math.max(high, panel.target)];
  if (panel.id !== "availability" && low < 0.7 * high) low = 0;
  const pad = high > low ? (high - low) * 0.06 : Math.max(Math.abs(high) * 0.05, 1e-4);
  const share = panel.unit === SHARE;
  return { low: low === 0 ? 0 : Math.max(low - pad, 0), high: share ? Math.min(high + pad, 1) : high + pad, dashed };
}

function draw(svg, width, points, panels) {
  const inset = Math.min(24, (width - LEFT - RIGHT) / (2 * points.length));
  const x = linear(0, Math.max(points.length - 1, 1), LEFT + inset, width - RIGHT - inset);
  const here = points.findIndex((point) => point.current);
  const bottom = panels.length * (HEAD + PANEL + GAP) - GAP;
  if (here >= 0) svg.append(s("line", { x1: x(here), x2: x(here), y1: HEAD, y2: bottom, class: "now" }));
  const placed = panels.map((panel, n) => drawPanel(svg, width, points, panel, n * (HEAD + PANEL + GAP), x));
  const room = (width - LEFT - RIGHT) / points.length;
  const widest = Math.max(...points.map((point) => point.value.length)) * 6 + 4;
  const every = Math.ceil(widest / room);
  points.forEach((point, i) => {
    const close = here >= 0 && i !== here && Math.abs(i - here) < every;
    if ((i % every !== 0 && i !== here) || close) return;
    const at = { x: Math.min(x(i), width - point.value.length * 3.3), y: bottom + 18, "text-anchor": "middle" };
    svg.append(s("text", { ...at, class: i === here ? "tick here" : "tick" }, point.value));
  });
  return {
    height: bottom + 26,
    count: points.length,
    nearest: (px) => nearestOf(points.map((_, i) => x(i)), px),
    at: (i) => {
      const point = points[i];
      const cross = { x1: x(i), x2: x(i), y1: HEAD, y2: bottom };
      const title = `${point.value}${point.current ? " (now)" : ""}`;
      if (point.refused) return { title, rows: [["refused:", point.refused, ""]], cross };
      return {
        title,
        rows: placed.map((panel) => [panel.title, estimate(point[panel.id], panel.unit), panel.hue]),
        cross,
        dots: placed.filter((p) => figure(point, p.id)).map((p) => [x(i), p.y(point[p.id].mean), p.hue]),
      };
    },
  };
}

function drawPanel(svg, width, points, panel, top, x) {
  const { low, high } = panel;
  const y = linear(low, high, top + HEAD + PANEL, top + HEAD);
  svg.append(s("text", { x: LEFT, y: top + 14, class: "panel-title" }, panel.title));
  for (const tick of ticks(low, high, 4)) {
    svg.append(s("line", { x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick), class: "grid" }));
    const text = panel.unit.money ? value(tick, COUNT) : value(tick, panel.unit);
    svg.append(s("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end", class: "tick" }, text));
  }
  if (panel.dashed) svg.append(s("line", { x1: LEFT, x2: width - RIGHT, y1: y(panel.target), y2: y(panel.target), class: "reference" }));
  const known = points.map((point) => figure(point, panel.id));
  svg.append(s("path", { d: path(known.map((e, i) => [x(i), e ? y(e.mean) : null])), class: `line ${panel.hue}` }));
  known.forEach((e, i) => {
    if (!e && !points[i].refused) return;
    if (!e) {
      const [cx, cy] = [x(i), top + HEAD + PANEL - 6];
      svg.append(s("path", { d: `M${cx - 4} ${cy - 4}l8 8m0 -8l-8 8`, class: "refused" }));
      return;
    }
    const [lo, hi] = ends(e);
    if (Math.abs(y(lo) - y(hi)) > 3) svg.append(s("line", { x1: x(i), x2: x(i), y1: y(lo), y2: y(hi), class: "whisker" }));
    if (points[i].current) svg.append(s("circle", { cx: x(i), cy: y(e.mean), r: 8, class: "ring" }));
    svg.append(s("circle", { cx: x(i), cy: y(e.mean), r: 3.5, class: `mark ${panel.hue}` }));
  });
  return { ...panel, y };
}
