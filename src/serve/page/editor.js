// The scenario as text, for everything that has no control; errors by line.

import { byId, h } from "./dom.js";
import { listed } from "./errors.js";

/** The dialog. `check(toml)` resolves to the errors of a text, `apply(toml, name)` takes one that has none. */
export class Editor {
  #name = "";

  constructor(check, apply) {
    Object.assign(this, { check, apply });
    this.dialog = byId("editor");
    this.text = byId("editor-text");
    this.lines = byId("editor-lines");
    this.errors = byId("editor-errors");
    this.text.addEventListener("input", () => this.#number());
    this.text.addEventListener("scroll", () => (this.lines.scrollTop = this.text.scrollTop));
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#apply();
    });
    byId("editor-cancel").addEventListener("click", () => this.dialog.close());
    byId("editor-apply").addEventListener("click", () => this.#apply());
    byId("editor-file").addEventListener("change", (event) => this.#read(event.target));
  }

  open(toml, name) {
    this.#name = name;
    this.#put(toml);
    this.dialog.showModal();
    this.text.focus();
    this.text.setSelectionRange(0, 0);
  }

  #put(toml) {
    this.text.value = toml;
    this.errors.replaceChildren();
    this.text.removeAttribute("aria-invalid");
    this.#number();
    this.text.scrollTop = 0;
  }

  async #read(input) {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    this.#name = file.name.replace(/\.toml$/, "");
    this.#put(await file.text());
  }

  async #apply() {
    const toml = this.text.value;
    const errors = await this.check(toml);
    if (errors.length > 0) {
      this.text.setAttribute("aria-invalid", "true");
      this.errors.replaceChildren(listed(errors, (line) => this.#jump(line)));
      return;
    }
    this.dialog.close();
    this.apply(toml, this.#name);
  }

  #jump(line) {
    const before = this.text.value.split("\n").slice(0, line - 1);
    const start = before.reduce((sum, text) => sum + text.length + 1, 0);
    const end = this.text.value.indexOf("\n", start);
    this.text.focus();
    this.text.setSelectionRange(start, end < 0 ? this.text.value.length : end);
    const height = parseFloat(getComputedStyle(this.text).lineHeight);
    this.text.scrollTop = Math.max(0, (line - 4) * height);
  }

  #number() {
    const count = this.text.value.split("\n").length;
    if (count === this.lines.childElementCount) return;
    this.lines.replaceChildren(...Array.from({ length: count }, (_, i) => h("span", {}, `${i + 1}\n`)));
  }
}
