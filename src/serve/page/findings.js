// What an answer says in words: objectives and whether they hold, recovery after events, and warnings.

import { h } from "./dom.js";
import { SECONDS, SHARE, estimate, money, value, words } from "./format.js";

const SIGNS = { met: "✓", missed: "✗", undecided: "?" };
const SHARES = ["availability", "throttled", "cold_start_rate"];

/** The strip of objectives and remarks. */
export class Findings {
  #shown = "";

  constructor(place) {
    this.place = place;
  }

  show(result) {
    const { objectives = [], recovery = [], warnings = [], fee } = result;
    const chips = [...objectives.map((o) => objective(o, fee.currency)), ...recovery.map(recovered)];
    const remarks = warnings.map((w) => h("li", {}, [w.cause, w.effect, w.remedy].filter(Boolean).map(sentence).join(" ")));
    const content = [
      chips.length > 0 && h("ul", { class: "objectives" }, ...chips),
      remarks.length > 0 &&
        h("details", { class: "remarks" }, h("summary", {}, `${remarks.length} ${remarks.length === 1 ? "warning" : "warnings"}`), h("ul", {}, ...remarks)),
    ].filter(Boolean);
    const shown = content.map((element) => element.textContent).join("\n");
    if (shown === this.#shown) return;
    this.#shown = shown;
    const open = this.place.querySelector("details")?.open ?? false;
    this.place.hidden = content.length === 0;
    this.place.replaceChildren(...content);
    this.place.querySelector("details")?.toggleAttribute("open", open);
  }
}

function objective(o, currency) {
  const unit = o.name === "fee" ? money(currency) : SHARES.includes(o.name) ? SHARE : SECONDS;
  const name = words(o.name) + (o.function ? ` of ${o.function}` : "");
  const target = `${name} ${o.name === "availability" ? "≥" : "≤"} ${value(o.target, unit)}`;
  const sign = h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[o.verdict] ?? "?");
  return h("li", { class: o.verdict, title: `${name}: ${estimate(o.estimate, unit)}` }, sign, `${target}: ${o.verdict}`);
}

function recovered(r) {
  const whom = `${r.function} after ${r.event}`;
  let text = "no figure";
  if (r.recovered.mean !== null && r.seconds.mean === null) text = "not normal again within the horizon";
  else if (r.recovered.mean !== null) {
    text = r.seconds.mean <= 0 ? "normal at once" : `normal after ${value(r.seconds.mean, SECONDS)}`;
    if (r.recovered.mean < 1) text += ` in ${value(r.recovered.mean, SHARE)} of the replications`;
  }
  const bad = r.recovered.mean !== null && r.recovered.mean < 1;
  return h("li", { class: bad ? "missed" : "" }, `${whom}: ${text}`);
}

function sentence(text) {
  const trimmed = text.trim();
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".");
}
