// The frame that all charts share: title, picture, cursor by pointer and by keyboard, table, download.

import { h, s, save, setText } from "./dom.js";
import { asFile } from "./chart_file.js";

/**
 * A chart. `show(model)` draws it; a model has
 * - `describe`: its message in one sentence;
 * - `empty`: why there is nothing to draw, instead of the rest;
 * - `draw(svg, width)`: draws and returns `{ height, count, nearest(x, y), at(i) }`, where `at(i)` gives the values under the
 *   cursor as `{ title, rows: [[name, text, class]], cross: { x1, y1, x2, y2 }, dots: [[x, y, class]] }`;
 * - `table`: `{ head, rows }`, the same figures as text, asked for when the table is opened;
 * - `choose(i)`: what a click or the Enter key does, if anything.
 */
export class Chart {
  #model = null;
  #drawn = null;
  #at = 0;
  #width = 0;

  constructor(id, title, extra = null) {
    this.id = id;
    this.title = h("h2", { id: `${id}-title` }, title);
    this.svg = s("svg", { class: "picture", "aria-hidden": "true", focusable: "false" });
    this.overlay = s("g", { class: "cursor" });
    this.tip = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
    this.plot = h("div", { class: "plot", role: "slider", tabindex: "0", "aria-labelledby": `${id}-title`, "aria-valuemin": "0" });
    this.plot.setAttribute("aria-describedby", `${id}-note`);
    this.plot.append(this.svg, this.tip);
    this.note = h("p", { id: `${id}-note`, class: "note" });
    this.table = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Table: ${title}` });
    this.details = h("details", { class: "data" }, h("summary", {}, "Table"), this.table);
    const picture = h("button", { type: "button", class: "quiet", "aria-label": `Download ${title} as SVG` }, "SVG");
    picture.addEventListener("click", () => save(asFile(this.svg, this.title.textContent), `${id}.svg`));
    const head = h("div", { class: "chart-head" }, this.title, extra, picture);
    this.element = h("section", { class: "chart", id: `chart-${id}`, "aria-labelledby": `${id}-title` });
    this.element.append(head, this.plot, this.note, this.details);
    this.details.addEventListener("toggle", () => this.#fillTable());
    this.#listen();
    // The width is only learnt here: to ask for it while drawing would make the browser lay out the page for every chart.
    new ResizeObserver(([{ contentRect }]) => {
      if (Math.abs(contentRect.width - this.#width) <= 1) return;
      this.#width = Math.floor(contentRect.width);
      this.#draw();
    }).observe(this.plot);
  }

  show(model) {
    this.#model = model;
    this.#draw();
    this.#fillTable();
  }

  #draw() {
    const model = this.#model;
    if (model === null || this.#width < 40) return;
    setText(this.note, model.note ?? "");
    this.svg.replaceChildren();
    this.#drawn = null;
    let height = 96;
    if (model.empty) {
      this.svg.append(s("text", { x: this.#width / 2, y: 50, class: "nothing", "text-anchor": "middle" }, model.empty));
    } else {
      this.#drawn = model.draw(this.svg, this.#width);
      height = this.#drawn.height;
    }
    this.svg.append(this.overlay);
    this.svg.setAttribute("viewBox", `0 0 ${this.#width} ${height}`);
    this.svg.setAttribute("width", String(this.#width));
    this.svg.setAttribute("height", String(height));
    const count = this.#drawn?.count ?? 0;
    this.#at = Math.min(this.#at, Math.max(count - 1, 0));
    this.plot.setAttribute("aria-valuemax", String(Math.max(count - 1, 0)));
    this.plot.setAttribute("aria-valuenow", String(this.#at));
    if (this.tip.hidden) this.plot.setAttribute("aria-valuetext", model.describe);
    else this.#point(this.#at);
  }

  #listen() {
    const local = (event) => {
      const box = this.svg.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    this.plot.addEventListener("pointermove", (event) => {
      if (this.#drawn?.count > 0) this.#point(this.#drawn.nearest(...local(event)));
    });
    this.plot.addEventListener("pointerleave", () => {
      if (document.activeElement !== this.plot || !this.plot.matches(":focus-visible")) this.#hide();
    });
    this.plot.addEventListener("blur", () => this.#hide());
    this.plot.addEventListener("click", (event) => {
      if (this.#drawn?.count > 0) this.#model.choose?.(this.#drawn.nearest(...local(event)));
    });
    this.plot.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    const count = this.#drawn?.count ?? 0;
    if (count === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(Math.round(count / 10), 1);
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: page, PageUp: -page };
    let at = this.#at;
    if (event.key in steps) at = this.tip.hidden ? at : at + steps[event.key];
    else if (event.key === "Home") at = 0;
    else if (event.key === "End") at = count - 1;
    else if (event.key === "Escape") return this.#hide();
    else if (event.key === "Enter" && this.#model.choose) return this.#model.choose(at);
    else return;
    event.preventDefault();
    this.#point(Math.min(Math.max(at, 0), count - 1));
  }

  #point(i) {
    if (i < 0) return;
    this.#at = i;
    const { title, rows, cross, dots } = this.#drawn.at(i);
    const marks = (dots ?? []).map(([x, y, hue]) => s("circle", { cx: x, cy: y, r: 4, class: `dot ${hue}` }));
    this.overlay.replaceChildren(cross ? s("line", { ...cross, class: "crosshair" }) : "", ...marks);
    const lines = rows.map(([name, text, hue]) =>
      h("div", { class: "tip-row" }, h("span", { class: `key ${hue ?? ""}` }), h("span", {}, name), h("b", {}, text)),
    );
    this.tip.replaceChildren(h("div", { class: "tip-title" }, title), ...lines);
    this.tip.hidden = false;
    const x = cross ? Math.max(cross.x1, cross.x2 === cross.x1 ? cross.x1 : 0) : 0;
    const room = this.#width - this.tip.offsetWidth - 4;
    const beside = x + 14 <= room ? x + 14 : x - this.tip.offsetWidth - 14;
    this.tip.style.left = `${Math.min(Math.max(beside, 2), Math.max(room, 2))}px`;
    this.tip.style.top = `${Math.max(cross && cross.y1 === cross.y2 ? cross.y1 + 10 : 6, 2)}px`;
    this.plot.setAttribute("aria-valuenow", String(i));
    this.plot.setAttribute("aria-valuetext", `${title}: ${rows.map(([name, text]) => `${name} ${text}`).join(", ")}`);
  }

  #hide() {
    this.tip.hidden = true;
    this.overlay.replaceChildren();
  }

  #fillTable() {
    if (!this.details.open || !this.#model) return;
    const table = this.#model.empty ? null : this.#model.table();
    if (table === null) {
      this.table.replaceChildren(h("p", {}, this.#model.empty));
      return;
    }
    const head = h("tr", {}, ...table.head.map((name) => h("th", { scope: "col" }, name)));
    const rows = table.rows.map(([first, ...others]) =>
      h("tr", {}, h("th", { scope: "row" }, first), ...others.map((text) => h("td", {}, text))),
    );
    this.table.replaceChildren(h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows)));
  }
}
