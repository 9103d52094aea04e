// One study at a time: a new setting cancels what is still being computed for the last one.

import { call, stream } from "./api.js";

/** Slider moves that come faster than this are studied once. */
const PAUSE_MS = 25;

/** How long a study may take to its first answer before a newer setting cancels it all the same. */
const PATIENCE_MS = 250;

/** Points of a trade-off curve at most. */
const MOST_POINTS = 9;

/**
 * Runs studies; `hears` has the methods `begun`, `answer`, `curve`, `done` and `failed`. A study is cancelled by the next one, but
 * not before its first answer: a slider that is dragged without a pause would else be answered only when it is let go.
 */
export class Studies {
  #client = crypto.randomUUID();
  #abort = null;
  #timer = null;
  #waiting = null;
  #begunAt = -Infinity;
  #silent = false;

  constructor(hears) {
    this.hears = hears;
  }

  /** Studies this request as soon as the last one leaves room. */
  ask(request) {
    this.#waiting = request;
    this.#next();
  }

  #next() {
    clearTimeout(this.#timer);
    if (this.#waiting === null) return;
    const wait = this.#begunAt + (this.#silent ? PATIENCE_MS : PAUSE_MS) - performance.now();
    if (wait > 0) this.#timer = setTimeout(() => this.#next(), wait);
    else this.#begin();
  }

  /** The first word of the study that runs. */
  #heard() {
    if (!this.#silent) return;
    this.#silent = false;
    this.#next();
  }

  async #begin() {
    this.#abort?.abort();
    const abort = new AbortController();
    const request = this.#waiting;
    this.#abort = abort;
    this.#waiting = null;
    this.#begunAt = performance.now();
    this.#silent = true;
    const current = (act) => {
      if (this.#abort === abort) act();
    };
    const failed = (errors) =>
      current(() => {
        this.hears.failed(errors, request);
        this.#heard();
      });
    this.hears.begun(request);
    let over = false;
    const on = (name, data) =>
      current(() => {
        over ||= name === "done" || name === "failed";
        if (name === "failed") return failed(data.errors);
        if (name === "answer") this.hears.answer(data, request);
        else if (name === "curve") this.hears.curve(data, request);
        else if (name === "done") this.hears.done(request);
        this.#heard();
      });
    try {
      await stream("/api/study", { client: this.#client, ...request }, abort.signal, on);
      if (!over) failed([{ message: "the answer ended early", hint: "Try again." }]);
    } catch (error) {
      if (error.name === "AbortError") return;
      failed(error.errors ?? [{ message: `the answer could not be read: ${error.message}` }]);
    }
  }
}

/** At most [`MOST_POINTS`] of a control's values: its ends, the current one and what lies evenly between. */
export function spread(values, current) {
  if (values.length <= MOST_POINTS) return values;
  const last = values.length - 1;
  const picked = Array.from({ length: MOST_POINTS }, (_, i) => Math.round((i * last) / (MOST_POINTS - 1)));
  const here = values.indexOf(current);
  if (here > 0 && here < last && !picked.includes(here)) {
    const inner = picked.slice(1, -1);
    const nearest = inner.reduce((best, i) => (Math.abs(i - here) < Math.abs(best - here) ? i : best));
    picked[picked.indexOf(nearest)] = here;
  }
  return picked.map((i) => values[i]);
}

/** A curve that was finished, so that moving along it does not compute it again. */
export class CurveMemory {
  #known = null;

  /** What a curve depends on: everything but the control that it goes along. */
  static identity(request, key) {
    const { [key]: _, ...others } = request.set;
    return JSON.stringify([request.toml, Object.entries(others).sort(), key]);
  }

  keep(request, curve) {
    if (curve.final) this.#known = { identity: CurveMemory.identity(request, curve.key), curve };
  }

  /** The finished curve with `current` marked, or null if it has to be computed. */
  recall(request, key, current) {
    if (this.#known?.identity !== CurveMemory.identity(request, key)) return null;
    const { curve } = this.#known;
    if (!curve.points.some((point) => point.value === current)) return null;
    return { ...curve, points: curve.points.map((point) => ({ ...point, current: point.value === current })) };
  }
}

/** Texts of scenarios by id, asked for once. */
export class Texts {
  #known = new Map();

  has(id) {
    return this.#known.has(id);
  }

  get(id) {
    return this.#known.get(id);
  }

  /** The text and name of a scenario: its own, or the gallery's. */
  async of(scenario) {
    if (scenario.toml !== undefined) return scenario;
    if (!this.#known.has(scenario.id)) {
      this.#known.set(scenario.id, await call(`/api/scenario?id=${encodeURIComponent(scenario.id)}`));
    }
    return this.#known.get(scenario.id);
  }
}
