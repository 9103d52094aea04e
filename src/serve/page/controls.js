// The settings: a section for each function, source and event; a slider with its value as text beside it, or a choice.

import { h, setText } from "./dom.js";

const ORIGINS = { file: "scenario", default: "default", computed: "computed", changed: "changed" };

/** The panel of controls. `change(key, value, gesture)` is called for every move; `value` null means back to the scenario's. */
export class Controls {
  #rows = new Map();
  #shape = "";

  constructor(place, change, settle) {
    this.place = place;
    this.change = change;
    this.settle = settle;
  }

  /** The control with this key. */
  get(key) {
    return this.#rows.get(key)?.control;
  }

  /** Its value under these settings; what the scenario says is remembered from before it was changed. */
  value(key, set) {
    const row = this.#rows.get(key);
    return set[key] ?? row?.base ?? row?.control.value;
  }

  /** The values that its slider has now. */
  values(key) {
    return this.#rows.get(key)?.values ?? [];
  }

  /** Its label and group: `Memory (thumbnail)`. */
  title(key) {
    const row = this.#rows.get(key);
    return row ? `${row.control.label} (${row.group})` : key;
  }

  get keys() {
    return [...this.#rows.keys()];
  }

  /** The first control with a slider. */
  get first() {
    return [...this.#rows.values()].find((row) => row.values.length > 1)?.control.key ?? null;
  }

  /** Shows the server's answer. Controls that are there already stay, so that a slider in the hand is not taken away. */
  show(groups) {
    const shape = JSON.stringify(groups.map((g) => [g.title, g.controls.map((c) => [c.key, c.kind, c.label])]));
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#build(groups);
    }
    for (const control of groups.flatMap((group) => group.controls)) this.#rows.get(control.key).renew(control);
  }

  /** Shows the settings at once, before the server has said what follows from them. */
  reflect(set) {
    for (const [key, row] of this.#rows) {
      if (key in set) row.put(set[key], "changed");
      else if (row.origin === "changed" && row.base !== null) row.put(row.base, "file");
    }
  }

  /** Errors by key of the control; all others are cleared. */
  blame(errors) {
    for (const [key, row] of this.#rows) row.blame(errors.get(key) ?? null);
  }

  #build(groups) {
    const open = new Map([...this.place.querySelectorAll("details")].map((d) => [d.dataset.title, d.open]));
    const focused = document.activeElement?.id;
    this.#rows.clear();
    const narrow = matchMedia("(max-width: 56rem)").matches;
    const sections = groups.map((group, i) => {
      const rows = group.controls.map((control) => {
        const row = new Row(group.title, control, this.change, this.settle);
        this.#rows.set(control.key, row);
        return row.element;
      });
      const summary = h("summary", {}, h("h3", {}, group.title), h("span", { class: "count" }, String(rows.length)));
      const isOpen = open.get(group.title) ?? (narrow ? i === 0 : i < 4);
      return h("details", { class: "group", "data-title": group.title, open: isOpen }, summary, ...rows);
    });
    this.place.replaceChildren(...sections);
    if (focused) document.getElementById(focused)?.focus();
  }
}

let count = 0;

class Row {
  constructor(group, control, change, settle) {
    count += 1;
    const id = `control-${count}`;
    Object.assign(this, { group, control, values: [], base: null, origin: control.origin });
    const gesture = `${control.key}`;
    const describedby = `${id}-help ${id}-error`;
    const described = { "aria-describedby": describedby, "data-key": control.key };
    const send = (value, of = null) => change(control.key, value, of);
    if (control.kind === "choice") {
      this.field = h("select", { id, ...described, on: { change: () => send(this.field.value) } });
    } else {
      const enter = (event) => event.key === "Enter" && this.#typed(send);
      const on = { change: () => this.#typed(send), keydown: enter };
      this.field = h("input", { id, type: "text", autocomplete: "off", spellcheck: "false", ...described, on });
      const moved = () => {
        const value = this.values[Number(this.slider.value)];
        this.#fill(value);
        this.#tag("changed");
        send(value, gesture);
      };
      const name = `${group}: ${control.label}, slider`;
      const slides = { input: moved, change: settle };
      this.slider = h("input", { type: "range", min: 0, step: 1, "aria-label": name, "data-slider": control.key, on: slides });
    }
    this.badge = h("span", { class: "origin" });
    this.reset = h("button", { type: "button", class: "quiet reset", on: { click: () => send(null) } }, "reset");
    this.reset.setAttribute("aria-label", `Reset ${group}: ${control.label}`);
    this.help = h("p", { id: `${id}-help`, class: "help" });
    this.error = h("p", { id: `${id}-error`, class: "error", hidden: true });
    this.unit = h("span", { class: "unit" });
    const label = h("label", { for: id }, control.label);
    const head = h("div", { class: "control-head" }, label, this.badge, this.reset);
    const entry = h("div", { class: "entry" }, this.slider, this.field, this.unit);
    this.element = h("div", { class: `control ${control.kind}` }, head, entry, this.help, this.error);
  }

  renew(control) {
    this.control = control;
    const values = control.values ?? [];
    // The steps stay while their value is one of them: a slider must not slip under the finger.
    if (!this.values.includes(control.value) || this.origin !== "changed" || values.length === 0) this.values = values;
    if (this.field instanceof HTMLSelectElement) {
      const options = values.includes(control.value) ? values : [control.value, ...values];
      const same = options.length === this.field.options.length && options.every((v, i) => v === this.field.options[i].value);
      if (!same) this.field.replaceChildren(...options.map((value) => h("option", { value }, value)));
    }
    if (control.origin !== "changed") this.base = control.value;
    setText(this.help, control.help ?? "");
    const unit = control.unit ?? "";
    setText(this.unit, control.value.endsWith(unit) ? "" : unit);
    this.put(control.value, control.origin);
  }

  put(value, origin) {
    if (document.activeElement !== this.field || this.field instanceof HTMLSelectElement || this.field.value === this.last) {
      this.#fill(value);
    }
    this.#tag(origin);
    if (!this.slider) return;
    const at = this.values.indexOf(value);
    this.slider.hidden = this.values.length < 2;
    this.slider.max = String(Math.max(this.values.length - 1, 1));
    if (at >= 0) this.slider.value = String(at);
  }

  blame(error) {
    this.error.hidden = error === null;
    this.error.textContent = error === null ? "" : error.hint ? `${error.message}. ${sentence(error.hint)}` : error.message;
    for (const input of [this.field, this.slider]) {
      if (!input) continue;
      if (error === null) input.removeAttribute("aria-invalid");
      else input.setAttribute("aria-invalid", "true");
    }
    if (error !== null) this.element.closest("details")?.setAttribute("open", "");
  }

  #typed(send) {
    const value = this.field.value.trim();
    if (value === this.last) return;
    this.last = value;
    send(value === "" ? null : value);
  }

  #fill(value) {
    this.field.value = value;
    this.last = value;
    this.slider?.setAttribute("aria-valuetext", value);
  }

  #tag(origin) {
    this.origin = origin;
    this.badge.dataset.origin = origin;
    setText(this.badge, ORIGINS[origin] ?? origin);
    this.reset.hidden = origin !== "changed";
  }
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
