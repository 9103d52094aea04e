// The page: what the planner decides goes into the store, what follows from it comes back from the server.

import { Refused, call, dropToken, file, takeToken } from "./api.js";
import { Controls } from "./controls.js";
import { byId, setText, takesText } from "./dom.js";
import { Editor } from "./editor.js";
import { assign, listed } from "./errors.js";
import { decode, encode } from "./fragment.js";
import { askForToken, downloads, galleryOptions, sharing, theme } from "./menus.js";
import { Pins, pinOf } from "./pins.js";
import { Store, fresh, withSetting } from "./store.js";
import { CurveMemory, Studies, Texts, spread } from "./study.js";
import { View } from "./view.js";

const texts = new Texts();
const curves = new CurveMemory();
let store;
let gallery = [];
let texted = null;
let base = null;
let looks;
let notice = [];

const view = new View({ choose, metricChanged: () => remember() });
const controls = new Controls(byId("groups"), moved, () => store.settle());
const pins = new Pins(byId("pins"), {
  compare: (against) => store.update({ against }),
  restore: (i) => store.update({ scenario: store.state.pins[i].scenario, set: store.state.pins[i].set }),
  remove: (i) => {
    const { pins, against } = store.state;
    const kept = against === i ? null : against > i ? against - 1 : against;
    store.update({ pins: pins.filter((_, j) => j !== i), against: kept });
  },
});
const studies = new Studies({
  begun: () => view.busy(),
  answer: (answer) => {
    blame([]);
    view.answer(answer);
  },
  curve: (curve, request) => {
    curves.keep(request, curve);
    view.curve(curve, controls.title(curve.key));
  },
  done: () => view.done(),
  failed: (errors) => {
    view.failed();
    blame(errors);
  },
});

function moved(key, value, gesture) {
  store.update({ set: withSetting(store.state.set, key, value), touched: key }, gesture);
}

function choose(value) {
  moved(store.state.touched ?? controls.first, value, null);
}

/** Everything that follows from a state: what is shown at once, and what the server is asked. */
async function follow(state) {
  showBar(state);
  try {
    const [text, against] = await Promise.all([
      texts.of(state.scenario),
      state.against === null ? null : texts.of(state.pins[state.against].scenario),
    ]);
    if (state !== store.state) return;
    const same = texted === text.toml;
    texted = text.toml;
    base = against && { toml: against.toml, set: state.pins[state.against].set };
    setText(byId("name"), text.name);
    document.title = `${text.name} · faascast`;
    if (same) {
      controls.reflect(state.set);
      const { set, touched } = state;
      const typed = controls.get(touched)?.kind === "steps" && !controls.values(touched).includes(controls.value(touched, set));
      // A value that was typed: only the server knows where it stands among the others, and the curve goes through it.
      if (typed) await renew();
      else renew();
      if (state === store.state) study();
    } else {
      view.fresh();
      const known = renew();
      study();
      await known;
    }
    remember();
  } catch (error) {
    view.failed();
    failed(error);
  }
}

function study() {
  const { set, touched } = store.state;
  const request = { toml: texted, set, baseline: base, curve: null };
  const key = controls.get(touched) ? touched : null;
  if (key !== null) {
    const now = controls.value(key, set);
    const known = curves.recall(request, key, now);
    const values = spread(controls.values(key), now);
    if (known) view.curve(known, controls.title(key));
    else if (values.length > 1) request.curve = { key, values };
  }
  studies.ask(request);
}

let asked = 0;

/** The controls as they follow from the settings: computed values, origins, limits. */
async function renew() {
  asked += 1;
  const mine = asked;
  const { set } = store.state;
  try {
    const answer = await call("/api/controls", { toml: texted, set });
    if (mine !== asked) return;
    const first = controls.first === null;
    controls.show(answer.groups);
    setText(byId("setting"), answer.horizon ? `${answer.horizon}, ${answer.currency}` : "");
    setText(byId("source"), answer.source ?? "");
    if (store.state.touched === null || first || !controls.get(store.state.touched)) startCurve();
  } catch (error) {
    // The study says the same at the control that caused it; only what it cannot say is told here.
    if (mine === asked && controls.first === null) failed(error);
  }
}

/** The curve that is shown before anything was moved: along the setting that the scenario's header changes, else the first one. */
function startCurve() {
  const { touched } = store.state;
  const hinted = /^#.*--set ([^\s=]+)=/m.exec(texted)?.[1];
  const key = [touched, hinted].find((key) => controls.get(key)) ?? controls.first;
  if (key === null) return;
  store.state = { ...store.state, touched: key };
  study();
}

/** Shows what a study said is wrong; an empty list takes it away. */
function blame(errors) {
  const { byKey, others } = assign(errors, controls.keys, store?.state.touched, store?.state.set ?? {});
  controls.blame(byKey);
  const told = [...notice, ...others];
  view.problem(told.length > 0 ? listed(told) : null);
}

/** Shows what went wrong besides the studies, until the next step. */
function failed(error) {
  if (error.status === 401) {
    dropToken();
    askForToken();
    return;
  }
  notice = error instanceof Refused ? error.errors : [{ message: error.message }];
  blame([]);
}

function showBar(state) {
  byId("undo").disabled = !store.canUndo;
  byId("redo").disabled = !store.canRedo;
  pins.show(state);
  const select = byId("gallery");
  select.querySelector("[data-own]")?.remove();
  if (state.scenario.id === undefined) {
    const own = new Option(`${state.scenario.name} (own text)`, "");
    own.dataset.own = "";
    select.prepend(own);
  }
  select.value = state.scenario.id ?? "";
  const asked = gallery.find((card) => card.id === state.scenario.id)?.question ?? "";
  const question = asked.charAt(0).toUpperCase() + asked.slice(1);
  byId("question").hidden = question === "";
  setText(byId("question"), question);
}

let remembering = null;

/** Puts the state into the address, a moment after the last change. */
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(async () => history.replaceState(null, "", await fragment()), 150);
}

const fragment = () => encode(store.state, { theme: looks.get(), metric: view.metric }, texts);

async function open(text) {
  const shared = await decode(text);
  if (shared === null) throw new Error("this is no link of this page: it has #1. in it");
  store.replace(shared.state);
  looks.open(shared.view.theme);
  view.setMetric(shared.view.metric);
}

function wire() {
  byId("undo").addEventListener("click", () => store.undo());
  byId("redo").addEventListener("click", () => store.redo());
  byId("pin").addEventListener("click", () => {
    const { state } = store;
    const pin = pinOf(state, byId("name").textContent);
    store.update({ pins: [...state.pins, pin], against: state.pins.length });
  });
  byId("gallery").addEventListener("change", (event) => {
    if (event.target.value) store.update({ scenario: { id: event.target.value }, set: {}, touched: null });
  });
  byId("edit").addEventListener("click", edit);
  window.addEventListener("hashchange", () => open(location.hash).catch(failed));
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || takesText(event.target) || document.querySelector("dialog[open]")) return;
    if (key === "z" && !event.shiftKey) store.undo();
    else if (key === "y" || key === "z") store.redo();
    else return;
    event.preventDefault();
  });
  downloads((form) => file({ toml: texted, set: store.state.set, form }), failed);
  sharing(async () => location.origin + location.pathname + (await fragment()), open);
}

const editor = new Editor(
  async (toml) => {
    try {
      await call("/api/controls", { toml, set: {} });
      return [];
    } catch (error) {
      return error.errors ?? [{ message: error.message }];
    }
  },
  (toml, name) => store.update({ scenario: { name, toml }, set: {} }),
);

async function edit() {
  try {
    const { blob } = await file({ toml: texted, set: store.state.set, form: "scenario" });
    editor.open(await blob.text(), byId("name").textContent);
  } catch {
    // With an error in a setting there is no text with the changes: the scenario's own is better than none.
    editor.open(texted, byId("name").textContent);
  }
}

async function begin() {
  looks = theme(null, () => remember());
  if (!takeToken()) return askForToken();
  try {
    const start = await call("/api/start");
    gallery = start.gallery;
    galleryOptions(byId("gallery"), gallery);
    store = new Store(fresh({ id: start.start }));
    let wrong = null;
    try {
      const shared = await decode(location.hash);
      if (shared) {
        store.state = shared.state;
        looks.open(shared.view.theme);
        view.setMetric(shared.view.metric);
      }
    } catch (error) {
      wrong = error;
    }
    store.listen((state) => {
      notice = [];
      follow(state);
    });
    wire();
    await follow(store.state);
    if (wrong) failed(wrong);
  } catch (error) {
    failed(error);
  }
}

begin();
