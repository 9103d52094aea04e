// The course over the horizon: small multiples over one time axis.

import { s } from "./dom.js";
import { COUNT, SHARE, clock, grouped, money, span, value } from "./format.js";
import { linear, path, roundUp, timeTicks } from "./scale.js";

const LEFT = 58;
const RIGHT = 10;
const PANEL = 58;
const HEAD = 20;
const GAP = 12;

/** The model of the chart; `base` is the baseline's result or null. */
export function timeline(result, base) {
  const t = result.timeline;
  if (!t || t.requests.length === 0 || !(t.bin_s > 0)) return { empty: "No requests in the horizon.", describe: "No requests." };
  const panels = panelsOf(result);
  const bases = base?.timeline?.bin_s === t.bin_s ? panelsOf(base) : null;
  const peak = Math.max(...panels[0].values.filter((v) => v !== null));
  const throttled = t.throttled.reduce((a, b) => a + b, 0);
  return {
    describe: `At most ${value(peak, COUNT)} requests a second; ${value(throttled, COUNT)} attempts throttled in all.`,
    note: `Means over the replications in bins of ${span(t.bin_s)}.${bases ? " Dotted: the baseline." : ""}${quotaNote(panels)}`,
    draw: (svg, width) => draw(svg, width, result, panels, bases),
    table: () => ({
      head: ["From", ...panels.map((panel) => panel.title)],
      rows: t.requests.map((_, i) => [at(i, t, result), ...panels.map((panel) => value(panel.values[i], panel.unit))]),
    }),
  };
}

const at = (i, t, result) => clock(i * t.bin_s, result.horizon_s);

function quotaNote(panels) {
  const quota = panels.find((panel) => panel.reference)?.reference;
  return quota ? ` Dashed: the quota of ${grouped(quota, 0)}.` : "";
}

function panelsOf(result) {
  const t = result.timeline;
  // The last bin may be cut by the end of the horizon.
  const width = (i) => Math.min(t.bin_s, result.horizon_s - i * t.bin_s);
  const rate = (values, seconds = 1) => values.map((v, i) => (v === null || width(i) <= 0 ? null : (v * seconds) / width(i)));
  const currency = result.fee.currency;
  const peak = Math.max(...t.instances.map((v) => v ?? 0));
  // A quota far above the load would press the course to the ground.
  const reference = t.quota && t.quota <= 2.5 * peak ? t.quota : null;
  const all = [
    { title: "Requests a second", values: rate(t.requests), unit: COUNT, hue: "blue" },
    { title: "Throttled a second", values: rate(t.throttled), unit: COUNT, hue: "vermilion" },
    { title: "Instances", values: t.instances, unit: COUNT, hue: "green", reference },
    { title: "Availability", values: t.availability, unit: SHARE, hue: "purple", share: true },
  ];
  if (t.fee) all.push({ title: `${currency} an hour`, values: rate(t.fee, 3_600), unit: money(currency), hue: "orange" });
  return all;
}

/** Lower and upper end of a panel's axis, with the baseline in it. */
function range(panel, base) {
  const values = [...panel.values, ...(base?.values ?? [])].filter((v) => v !== null && Number.isFinite(v));
  if (!panel.share) return [0, roundUp(Math.max(...values, panel.reference ?? 0, 0))];
  const least = Math.min(...values, 1);
  return [least > 0.999_999 ? 0.9 : Math.max(0, 1 - roundUp(1 - least)), 1];
}

function draw(svg, width, result, panels, bases) {
  const { bin_s: bin } = result.timeline;
  const count = panels[0].values.length;
  const x = linear(0, result.horizon_s, LEFT, width - RIGHT);
  const middle = (i) => x(Math.min((i + 0.5) * bin, result.horizon_s));
  let top = 0;
  const placed = panels.map((panel, n) => {
    const [low, high] = range(panel, bases?.[n]);
    const y = linear(low, high, top + HEAD + PANEL, top + HEAD);
    svg.append(s("text", { x: LEFT, y: top + 13, class: "panel-title" }, panel.title));
    const nothing = !panel.share && panel.values.every((v) => !(v > 0)) && !bases?.[n].values.some((v) => v > 0);
    if (nothing) svg.append(s("text", { x: LEFT + 4, y: y(low) - 8, class: "tick" }, "none"));
    for (const tick of nothing ? [low] : [low, high]) {
      svg.append(s("line", { x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick), class: "grid" }));
      svg.append(s("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end", class: "tick" }, value(tick, panel.share ? SHARE : COUNT)));
    }
    if (panel.reference) svg.append(s("line", { x1: LEFT, x2: width - RIGHT, y1: y(panel.reference), y2: y(panel.reference), class: "reference" }));
    const line = (values) => path(values.map((v, i) => [middle(i), v === null ? null : y(v)]));
    if (!panel.share) {
      const area = `${line(panel.values.map((v) => v ?? 0))}L${middle(count - 1).toFixed(1)} ${y(low)}L${middle(0).toFixed(1)} ${y(low)}Z`;
      svg.append(s("path", { d: area, class: `area ${panel.hue}` }));
    }
    if (bases) svg.append(s("path", { d: line(bases[n].values), class: "line base" }));
    svg.append(s("path", { d: line(panel.values), class: `line ${panel.hue}` }));
    top += HEAD + PANEL + GAP;
    return { ...panel, y };
  });
  const bottom = top - GAP;
  for (const tick of timeTicks(result.horizon_s, Math.max(2, Math.floor((width - LEFT) / 72)))) {
    svg.append(s("line", { x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 4, class: "axis" }));
    const anchor = tick === 0 ? "start" : tick > result.horizon_s * 0.98 ? "end" : "middle";
    svg.append(s("text", { x: x(tick), y: bottom + 17, "text-anchor": anchor, class: "tick" }, tick === 0 ? "0" : span(tick)));
  }
  return {
    height: bottom + 22,
    count,
    nearest: (px) => Math.min(Math.max(Math.floor(((px - LEFT) / (width - RIGHT - LEFT)) * (result.horizon_s / bin)), 0), count - 1),
    at: (i) => ({
      title: at(i, result.timeline, result),
      rows: placed.flatMap((panel, n) => {
        const row = [panel.title, value(panel.values[i], panel.unit), panel.hue];
        const before = bases?.[n].values[i];
        return before === undefined ? [row] : [[row[0], `${row[1]} (${value(before, panel.unit)})`, row[2]]];
      }),
      cross: { x1: middle(i), x2: middle(i), y1: HEAD, y2: bottom },
      dots: placed.filter((panel) => panel.values[i] !== null).map((panel) => [middle(i), panel.y(panel.values[i]), panel.hue]),
    }),
  };
}
