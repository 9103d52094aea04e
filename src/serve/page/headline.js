// The six figures that decide: value, interval, and change against the baseline.

import { h, setText } from "./dom.js";

/** Which way is better; a fee goes down, an availability up. */
const BETTER = { availability: "higher" };

const SIGNS = { higher: "▲", lower: "▼", same: "=", undecided: "?" };

/** Below this part of a figure (of a share: of its smaller side) a difference is there, but nobody would decide by it. */
const SLIGHT = 0.002;

/** Whether a difference is certain and still too small to matter. */
export function slight({ id, value, change }) {
  const [now, difference] = [value?.mean, change.value?.mean];
  if (!Number.isFinite(now) || !Number.isFinite(difference)) return false;
  const size = ["availability", "throttled", "cold"].includes(id) ? Math.min(now, 1 - now) : now;
  return Math.abs(difference) < SLIGHT * Math.abs(size);
}

const EMPTY = [
  ["fee", "Fee a month"],
  ["availability", "Availability"],
  ["throttled", "Throttled"],
  ["p99", "Latency p99"],
  ["cold", "Cold starts"],
  ["ceiling", "Ceiling"],
];

/** The strip of tiles. */
export class Headline {
  #tiles = new Map();

  constructor(place) {
    for (const [id, label] of EMPTY) {
      const tile = {
        label: h("span", { class: "label" }, label),
        value: h("span", { class: "value" }, "–"),
        interval: h("span", { class: "interval" }, " "),
        change: h("span", { class: "change" }),
      };
      tile.element = h("li", { class: "tile", "data-tile": id }, tile.label, tile.value, tile.interval, tile.change);
      this.#tiles.set(id, tile);
      place.append(tile.element);
    }
  }

  show(headline) {
    for (const figure of headline) {
      const tile = this.#tiles.get(figure.id);
      if (!tile) continue;
      setText(tile.label, figure.label);
      setText(tile.value, figure.text);
      setText(tile.interval, figure.interval || " ");
      tile.interval.title = figure.interval ?? "";
      tile.change.hidden = !figure.change;
      if (figure.change) this.#change(tile.change, figure);
      tile.value.classList.toggle("long", figure.text.length > 11);
      tile.value.classList.toggle("longest", figure.text.length > 15);
    }
  }

  #change(element, figure) {
    const { id, change } = figure;
    const good = change.verdict === (BETTER[id] ?? "lower");
    const decided = change.verdict === "higher" || change.verdict === "lower";
    const hardly = decided && slight(figure);
    element.className = `change ${hardly ? "same" : decided ? (good ? "good" : "bad") : change.verdict}`;
    const text = change.verdict === "same" ? "" : change.text;
    const word = hardly ? "hardly" : decided ? (good ? "better" : "worse") : change.verdict;
    element.replaceChildren(
      h("span", { "aria-hidden": "true", class: "sign" }, SIGNS[change.verdict] ?? "?"),
      h("span", { class: "amount" }, text),
      h("span", { class: "verdict" }, word),
    );
  }
}
