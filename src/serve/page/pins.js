// Pinned baselines: a list to choose from. One of them is compared with, on the same traffic and luck.

import { h } from "./dom.js";
import { summary } from "./store.js";

/** A pin of the present configuration, named by the first free letter. */
export function pinOf(state, name) {
  const taken = new Set(state.pins.map((pin) => pin.label.charAt(0)));
  const letter = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((l) => !taken.has(l)) ?? "Z";
  return { label: `${letter} · ${summary(state.set)}`, name, scenario: state.scenario, set: state.set };
}

const same = (a, b) => a.id === b.id && a.toml === b.toml;

/** The list of pins. `act` has `compare(index)`, `restore(index)` and `remove(index)`. */
export class Pins {
  #shown = "";

  constructor(place, act) {
    this.place = place;
    this.act = act;
  }

  show(state) {
    const labels = state.pins.map((pin) => (same(pin.scenario, state.scenario) ? pin.label : `${pin.label} (${pin.name})`));
    const shown = JSON.stringify([labels, state.against]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = document.activeElement?.dataset?.focus;
    this.place.hidden = state.pins.length === 0;
    const list = this.place.querySelector("ul");
    const none = this.#choice("none", null, state.against === null);
    list.replaceChildren(none, ...labels.map((label, i) => this.#choice(label, i, state.against === i)));
    if (focused) list.querySelector(`[data-focus="${focused}"]`)?.focus();
  }

  #choice(label, index, checked) {
    const chosen = () => this.act.compare(index);
    const mark = { type: "radio", name: "against", checked, "data-focus": `against-${index}`, on: { change: chosen } };
    const choice = h("label", {}, h("input", mark), h("span", { class: "pin-name", title: label }, label));
    if (index === null) return h("li", { class: "pin" }, choice);
    const button = (text, name, act) =>
      h("button", { type: "button", class: "quiet", "aria-label": `${name} ${label}`, on: { click: () => act(index) } }, text);
    const restore = button("restore", "Restore", this.act.restore);
    const remove = button("×", "Remove", this.act.remove);
    remove.classList.add("remove");
    return h("li", { class: "pin" }, choice, restore, remove);
  }
}
