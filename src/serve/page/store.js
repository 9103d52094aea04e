// What the planner decides, as one value that never changes in place: undo and redo are other values, a shared link is its text.

const DEEPEST = 200;

/**
 * The state of a fresh page. `scenario` is `{ id }` of the gallery or `{ name, toml }` of one's own; `set` the settings changed
 * by controls; `pins` the pinned baselines, each with a scenario and settings of its own; `against` the pin compared with, or
 * null; `touched` the control last moved, which the trade-off curve goes along.
 */
export function fresh(scenario) {
  return { scenario, set: {}, pins: [], against: null, touched: null };
}

/** Holds the state and its history. Listeners get `(state, change)`. */
export class Store {
  #past = [];
  #future = [];
  #gesture = null;
  #listeners = [];

  constructor(state) {
    this.state = state;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  listen(listener) {
    this.#listeners.push(listener);
  }

  /** A step. Steps of one `gesture`, such as the moves of a slider until it is let go, are undone together. */
  update(patch, gesture = null) {
    if (gesture === null || gesture !== this.#gesture) {
      this.#past.push(this.state);
      if (this.#past.length > DEEPEST) this.#past.shift();
    }
    this.#gesture = gesture;
    this.#future = [];
    this.#become({ ...this.state, ...patch });
  }

  /** Ends a gesture. */
  settle() {
    this.#gesture = null;
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  /** Another state altogether, such as a shared link; a step of its own. */
  replace(state) {
    this.update(state);
  }

  #step(from, to) {
    if (from.length === 0) return;
    to.push(this.state);
    this.#gesture = null;
    this.#become(from.pop());
  }

  #become(state) {
    const before = this.state;
    this.state = state;
    for (const listener of this.#listeners) listener(state, before);
  }
}

/** One setting changed or, with `null`, back to what the scenario says. */
export function withSetting(set, key, value) {
  const { [key]: _, ...others } = set;
  return value === null ? others : { ...others, [key]: value };
}

/** What tells a configuration from its scenario, in few words. */
export function summary(set) {
  const parts = Object.entries(set).map(([key, value]) => `${key.split(".").slice(-2).join(" ")} ${value}`);
  if (parts.length === 0) return "as in the scenario";
  return parts.length > 2 ? `${parts.slice(0, 2).join(", ")} and ${parts.length - 2} more` : parts.join(", ");
}
