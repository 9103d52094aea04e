// The fee of a month by component, the baseline beside it, and what of it was spent without an ok result.

import { s } from "./dom.js";
import { COUNT, estimate, money, value, words } from "./format.js";
import { nearestOf } from "./chart_latency.js";
import { linear, roundUp, ticks } from "./scale.js";

const ROW = 26;

/** The model of the chart; `base` is the baseline's result or null. */
export function fee(result, base) {
  const unit = money(result.fee.currency);
  const group = (title, part, hue) => {
    const now = result.fee[part] ?? {};
    const before = base?.fee[part] ?? {};
    const names = [...new Set([...Object.keys(now), ...Object.keys(before)])];
    const bars = names.map((name) => ({ name: words(name), now: now[name] ?? null, before: before[name] ?? null, hue }));
    const dear = bars.filter((bar) => bar.now?.mean > 0 || bar.before?.mean > 0);
    return { title, bars: dear.sort((a, b) => (b.now?.mean ?? 0) - (a.now?.mean ?? 0)) };
  };
  const groups = [group("Parts of the fee", "by_component", "blue"), group("Of this, without an ok result", "waste", "vermilion")];
  const shown = groups.filter((g) => g.bars.length > 0);
  if (shown.length === 0) return { empty: "Nothing is billed.", describe: "Nothing is billed." };
  const all = shown.flatMap((g) => g.bars.map((bar) => ({ ...bar, group: g.title })));
  return {
    describe: `${estimate(result.fee.month, unit)} a month: ${groups[0].bars.map((b) => `${b.name} ${value(b.now?.mean, unit)}`).join(", ")}`,
    note: `Whiskers: 95 % intervals.${base ? " Thin bars: the baseline." : ""} Prices as of ${result.fee.prices_as_of}.`,
    draw: (svg, width) => draw(svg, width, shown, all, unit, base !== null),
    table: () => ({
      head: ["Part", "Fee a month", ...(base ? ["Baseline"] : [])],
      rows: all.map((b) => [
        b.hue === "vermilion" ? `wasted: ${b.name}` : b.name,
        estimate(b.now, unit),
        ...(base ? [estimate(b.before, unit)] : []),
      ]),
    }),
  };
}

function draw(svg, width, groups, all, unit, compared) {
  const longest = Math.max(...all.map((bar) => bar.name.length));
  const left = Math.min(Math.max(longest * 7 + 10, 60), width * 0.36);
  const right = width - 84;
  const most = Math.max(...all.flatMap((bar) => [bar.now?.hi ?? bar.now?.mean ?? 0, bar.before?.mean ?? 0]));
  const end = roundUp(most);
  const x = linear(0, end, left, right);
  const middles = [];
  let top = 0;
  const lines = s("g");
  svg.append(lines);
  for (const group of groups) {
    svg.append(s("text", { x: 0, y: top + 14, class: "panel-title" }, group.title));
    top += 22;
    for (const bar of group.bars) {
      middles.push(top + ROW / 2);
      drawBar(svg, bar, top, x, left, right, unit, compared);
      top += ROW;
    }
    top += 8;
  }
  for (const tick of ticks(0, end, Math.max(2, Math.floor((right - left) / 70)))) {
    lines.append(s("line", { x1: x(tick), x2: x(tick), y1: 22, y2: top, class: "grid" }));
    svg.append(s("text", { x: x(tick), y: top + 15, "text-anchor": "middle", class: "tick" }, value(tick, COUNT)));
  }
  return {
    height: top + 22,
    count: all.length,
    nearest: (_, py) => nearestOf(middles, py),
    at: (i) => {
      const bar = all[i];
      const rows = [["now", estimate(bar.now, unit), bar.hue]];
      if (compared) rows.push(["baseline", estimate(bar.before, unit), "base"]);
      return { title: bar.name, rows, cross: { x1: left, x2: right, y1: middles[i] + 11, y2: middles[i] + 11 } };
    },
  };
}

function drawBar(svg, bar, top, x, left, right, unit, compared) {
  const thick = compared ? 11 : 15;
  const y = top + (ROW - thick) / 2 - (compared ? 3 : 0);
  const now = bar.now?.mean ?? 0;
  svg.append(s("text", { x: left - 8, y: top + ROW / 2 + 4, "text-anchor": "end", class: "bar-label" }, bar.name));
  svg.append(s("rect", { x: left, y, width: Math.max(x(now) - left, 0.5), height: thick, class: `bar ${bar.hue}` }));
  if (compared) {
    const before = bar.before?.mean ?? 0;
    svg.append(s("rect", { x: left, y: y + thick + 1, width: Math.max(x(before) - left, 0.5), height: 5, class: "bar base" }));
  }
  if (bar.now?.lo !== null && bar.now?.hi > bar.now?.lo && x(bar.now.hi) - x(bar.now.lo) > 1) {
    const middle = y + thick / 2;
    svg.append(s("path", { d: `M${x(bar.now.lo)} ${middle - 4}v8m0 -4H${x(bar.now.hi)}m0 -4v8`, class: "whisker" }));
  }
  svg.append(s("text", { x: right + 10, y: top + ROW / 2 + 4, class: "bar-value" }, value(now, { ...unit, suffix: "" })));
}
