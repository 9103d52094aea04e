// Latency: how many requests take longer, so that the tail is as visible as the middle.

import { s } from "./dom.js";
import { SECONDS, estimate, value } from "./format.js";
import { durationTicks, linear, logarithmic, path } from "./scale.js";

const LEFT = 46;
const RIGHT = 16;
const HEIGHT = 210;
const TOP = 12;
const MOST = 6;
/** Shares below this are not drawn: it is half of what p99.9 leaves. */
const RAREST = 5e-4;
const HUES = ["blue", "vermilion", "green", "purple", "orange", "sky"];

/** Quantiles with the share of requests that take longer. */
const QUANTILES = [["p50", 0.5], ["p90", 0.1], ["p95", 0.05], ["p99", 0.01], ["p99.9", 0.001]];

/** The model of the chart; `base` is the baseline's result or null. */
export function latency(result, base) {
  const functions = busiest(result);
  const curves = functions.map(([name, f], i) => curve(name, f, result, HUES[i])).filter((c) => c.points.length > 0);
  if (curves.length === 0) return { empty: "No request ended ok.", describe: "No request ended ok." };
  const bases = base
    ? functions.filter(([name]) => base.functions[name]).map(([name]) => curve(name, base.functions[name], base, "base"))
    : [];
  const hidden = Object.keys(result.functions).length - functions.length;
  return {
    describe: curves.map((c) => `${c.name}: p50 ${value(c.known.p50?.mean, SECONDS)}, p99 ${value(c.known.p99?.mean, SECONDS)}`).join("; "),
    note:
      "Requests that ended ok, retries included. At p99 one request in a hundred takes longer." +
      (bases.length > 0 ? " Dotted: the baseline." : "") +
      (hidden > 0 ? ` ${hidden} functions with fewer requests are left out.` : ""),
    draw: (svg, width) => draw(svg, width, curves, bases),
    table: () => ({
      head: ["Function", ...QUANTILES.map(([name]) => name), "max"],
      rows: curves.map((c) => [c.name, ...[...QUANTILES.map(([name]) => name), "max"].map((q) => estimate(c.known[q], SECONDS))]),
    }),
  };
}

function busiest(result) {
  const all = Object.entries(result.functions).sort((a, b) => (b[1].requests.mean ?? 0) - (a[1].requests.mean ?? 0));
  return all.slice(0, MOST).sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/** The whole distribution where the server sends it, else its quantiles. */
function curve(name, f, result, hue) {
  const known = f.latency_s ?? {};
  const marks = QUANTILES.filter(([q]) => known[q]?.mean > 0).map(([q, share]) => [known[q].mean, share]);
  const cdf = result.latency_curves?.[name]?.cdf ?? [];
  // The buckets of the distribution are finer than a pixel.
  let last = 0;
  const apart = cdf.filter(([x]) => x > last * 1.004 && (last = x) > 0);
  const slower = apart.map(([x, p]) => [x, 1 - p]).filter(([, share]) => share >= RAREST);
  return { name, hue, known, marks, points: slower.length > 1 ? slower : marks };
}

/** The axis: a little more than the values, and never less than a factor of four. */
function range(least, most) {
  const middle = Math.sqrt(least * most);
  return [Math.min(least / 1.05, middle / 2), Math.max(most * 1.05, middle * 2)];
}

function draw(svg, width, curves, bases) {
  const legend = curves.length > 1 ? Math.ceil(curves.length / 2) * 18 + 4 : 0;
  const bottom = TOP + legend + HEIGHT - 50;
  const xs = [...curves, ...bases].flatMap((c) => c.points.map(([x]) => x));
  const [low, high] = range(Math.min(...xs), Math.max(...xs));
  const x = logarithmic(low, high, LEFT, width - RIGHT);
  const y = linear(0, -Math.log10(RAREST), TOP + legend, bottom);
  const height = (share) => y(-Math.log10(Math.min(share, 1)));
  curves.forEach((c, i) => {
    if (legend === 0) return;
    const [lx, ly] = [LEFT + (i % 2) * ((width - LEFT) / 2), 10 + Math.floor(i / 2) * 18];
    svg.append(s("line", { x1: lx, x2: lx + 20, y1: ly, y2: ly, class: `line ${c.hue} dash${i}` }));
    svg.append(s("text", { x: lx + 26, y: ly + 4, class: "tick" }, c.name));
  });
  for (const [name, share] of QUANTILES) {
    if (name === "p95") continue;
    svg.append(s("line", { x1: LEFT, x2: width - RIGHT, y1: height(share), y2: height(share), class: "grid" }));
    svg.append(s("text", { x: LEFT - 6, y: height(share) + 4, "text-anchor": "end", class: "tick" }, name));
  }
  svg.append(s("line", { x1: LEFT, x2: width - RIGHT, y1: bottom, y2: bottom, class: "axis" }));
  for (const tick of durationTicks(low, high, Math.max(2, Math.floor((width - LEFT) / 64)))) {
    svg.append(s("line", { x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 4, class: "axis" }));
    svg.append(s("text", { x: Math.min(x(tick), width - RIGHT - 12), y: bottom + 18, "text-anchor": "middle", class: "tick" }, value(tick, SECONDS)));
  }
  const place = (points) => points.map(([px, share]) => [x(px), height(share)]);
  for (const c of bases) svg.append(s("path", { d: path(place(c.points)), class: "line base" }));
  curves.forEach((c, i) => {
    svg.append(s("path", { d: path(place(c.points)), class: `line ${c.hue} dash${i}` }));
    for (const [px, py] of place(c.marks)) svg.append(s("circle", { cx: px, cy: py, r: 3, class: `mark ${c.hue}` }));
  });
  return {
    height: bottom + 24,
    count: QUANTILES.length,
    nearest: (_, py) => nearestOf(QUANTILES.map(([, share]) => height(share)), py),
    at: (i) => {
      const [name, share] = QUANTILES[i];
      const known = curves.filter((c) => c.known[name]?.mean > 0);
      return {
        title: `${name}: one in ${Math.round(1 / share)} takes longer`,
        rows: curves.map((c) => {
          const before = bases.find((b) => b.name === c.name)?.known[name];
          return [c.name, `${estimate(c.known[name], SECONDS)}${before ? `, baseline ${value(before.mean, SECONDS)}` : ""}`, c.hue];
        }),
        cross: { x1: LEFT, x2: width - RIGHT, y1: height(share), y2: height(share) },
        dots: known.map((c) => [x(c.known[name].mean), height(share), c.hue]),
      };
    },
  };
}

/** Index of the value nearest to x. */
export function nearestOf(values, x) {
  return values.reduce((best, value, i) => (Math.abs(value - x) < Math.abs(values[best] - x) ? i : best), 0);
}
