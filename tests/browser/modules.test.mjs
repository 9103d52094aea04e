// The page's parts that need no browser: numbers as in the reports, steps, places of errors, axes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assign, lineOf } from "../../src/serve/page/errors.js";
import { COUNT, SECONDS, SHARE, clock, estimate, money, span, value } from "../../src/serve/page/format.js";
import { decode, encode } from "../../src/serve/page/fragment.js";
import { slight } from "../../src/serve/page/headline.js";
import { durationTicks, linear, roundUp, ticks, timeTicks } from "../../src/serve/page/scale.js";
import { Store, fresh, summary, withSetting } from "../../src/serve/page/store.js";
import { CurveMemory, spread } from "../../src/serve/page/study.js";

const e = (mean, lo, hi) => ({ mean, lo, hi, n: 20 });

// The cases of src/report/format.rs: page and report must not write the same figure in two ways.
test("intervals decide the digits, as in the reports", () => {
  const cases = [
    [e(1234.4, 1210.2, 1258.3), money("CNY"), "1,234 CNY (1,210 to 1,258)"],
    [e(12.345, 12.2, 12.5), money("USD"), "12.35 USD (12.20 to 12.50)"],
    [e(0.99871, 0.99865, 0.99877), SHARE, "99.871 % (99.865 to 99.877)"],
    [e(48.3, 47.9, 48.7), COUNT, "48.3 (47.9 to 48.7)"],
    [e(0.9995, 0.9994, 0.9996), SHARE, "99.950 % (99.940 to 99.960)"],
    [e(0.0843, 0.0823, 0.0863), SECONDS, "84 ms (82 to 86)"],
    [e(258, 240, 276), SECONDS, "4.3 min (4.0 to 4.6)"],
    [e(1728104.3, 1725000, 1731000), COUNT, "1,728,104 (1,725,000 to 1,731,000)"],
    [e(50, 50, 50), COUNT, "50"],
    [e(0.9, 0.8, 0.9999), SHARE, "90 % (80 to 99.99)"],
    [e(0, 0, 0.0000296), SHARE, "0 (below 0.0030 %)"],
    [e(1, 0.999969, 1), SHARE, "100 % (above 99.9969 %)"],
    [{ mean: null, lo: null, hi: null, n: 20 }, SHARE, "–"],
  ];
  for (const [figure, unit, expected] of cases) assert.equal(estimate(figure, unit), expected);
});

test("failures are never rounded away, and units stay readable", () => {
  const cases = [
    [0.9995, SHARE, "99.95 %"],
    [0.9999996, SHARE, "99.99996 %"],
    [1, SHARE, "100 %"],
    [0.00025, SECONDS, "250 µs"],
    [90, SECONDS, "90 s"],
    [0.004217, money("USD"), "0.00422 USD"],
    [0.03, money("USD"), "0.03 USD"],
    [64.7, money("USD"), "64.70 USD"],
    [NaN, COUNT, "–"],
    [300, COUNT, "300"],
  ];
  for (const [x, unit, expected] of cases) assert.equal(value(x, unit), expected);
  assert.deepEqual([span(86_400), span(90), span(0), clock(90_000, 604_800), clock(5_400, 86_400)], ["1d", "90s", "0", "day 2, 01:00", "01:30"]);
});

test("moves of one gesture are one step; a new step takes redo away", () => {
  const store = new Store(fresh({ id: "a" }));
  const set = (value, gesture) => store.update({ set: withSetting(store.state.set, "k", value) }, gesture);
  for (const value of ["1", "2", "3"]) set(value, "k");
  store.settle();
  set("4", "k");
  store.undo();
  assert.equal(store.state.set.k, "3");
  store.undo();
  assert.deepEqual([store.state.set, store.canUndo, store.canRedo], [{}, false, true]);
  store.redo();
  assert.equal(store.state.set.k, "3");
  set(null, null);
  assert.deepEqual([store.state.set, store.canRedo], [{}, false]);
  assert.equal(summary({ "functions.f.memory": "1 GiB" }), "f memory 1 GiB");
});

test("a link carries the state, and only that", async () => {
  const state = { ...fresh({ id: "file" }), set: { a: "1", b: 2 }, pins: [{ label: "A", name: "n", scenario: { id: "x" }, set: {} }], against: 0, other: 1 };
  const texts = new Map([["file", { id: "file", name: "mine", toml: "# ü" }]]);
  const { state: read, view } = await decode(await encode(state, { theme: "dark", metric: "p99" }, texts));
  assert.deepEqual(read, {
    scenario: { name: "mine", toml: "# ü" },
    set: { a: "1" },
    pins: [{ label: "A", name: "n", scenario: { id: "x" }, set: {} }],
    against: 0,
    touched: null,
  });
  assert.deepEqual(view, { theme: "dark", metric: "p99" });
  assert.equal(await decode("http://127.0.0.1:1/"), null);
  await assert.rejects(decode("#1.AAAA"), /damaged/);
});

test("errors go to the control they name, else to the one last moved, else to the scenario", () => {
  const keys = ["functions.f.timeout", "functions.f.memory"];
  const of = (error, touched = null, set = {}) => {
    const { byKey, others } = assign([error], keys, touched, set);
    return [[...byKey.keys()], others.length];
  };
  assert.deepEqual(of({ message: "m", place: "functions.f.timeout, line 3" }), [["functions.f.timeout"], 0]);
  assert.deepEqual(of({ message: "m", place: "functions.f.work, line 3" }), [[], 1]);
  assert.deepEqual(of({ message: "m", place: "" }, keys[1], { [keys[1]]: "x" })[0], [keys[1]]);
  assert.deepEqual([lineOf({ place: "functions.f.timeout, line 12" }), lineOf({ place: "" }), lineOf({})], [12, null, null]);
});

test("a curve has the ends, the value now, and what lies evenly between", () => {
  const values = Array.from({ length: 30 }, (_, i) => String(i));
  for (const now of ["0", "1", "13", "28", "29", "other"]) {
    const points = spread(values, now);
    assert.equal(points.length, 9);
    assert.deepEqual([points[0], points.at(-1)], ["0", "29"]);
    assert.ok(now === "other" || points.includes(now), now);
    assert.deepEqual(points, [...points].sort((a, b) => a - b));
  }
  assert.deepEqual(spread(["a", "b"], "a"), ["a", "b"]);
});

test("a finished curve is remembered along its own control only", () => {
  const memory = new CurveMemory();
  const request = (set, toml = "t") => ({ toml, set });
  const points = [{ value: "1", current: true }, { value: "2", current: false }];
  memory.keep(request({ k: "1", other: "x" }), { key: "k", points, final: true });
  assert.deepEqual(memory.recall(request({ k: "2", other: "x" }), "k", "2").points.map((p) => p.current), [false, true]);
  assert.equal(memory.recall(request({ k: "2", other: "y" }), "k", "2"), null);
  assert.equal(memory.recall(request({ k: "3", other: "x" }), "k", "3"), null);
  assert.equal(memory.recall(request({ k: "2", other: "x" }, "u"), "k", "2"), null);
});

test("a certain difference can be too small to matter", () => {
  const of = (id, now, difference) => slight({ id, value: { mean: now }, change: { value: { mean: difference } } });
  assert.deepEqual([of("fee", 1_000, 1), of("fee", 1_000, -3)], [true, false]);
  assert.deepEqual([of("availability", 0.99, -1e-6), of("availability", 0.99, -1e-3)], [true, false]);
  assert.deepEqual([of("p99", null, 1), of("ceiling", NaN, 1)], [false, false]);
});

test("axes have round values", () => {
  assert.deepEqual(ticks(0, 100, 4), [0, 50, 100]);
  assert.deepEqual(durationTicks(0.09, 2, 9), [0.1, 0.2, 0.5, 1, 2]);
  assert.deepEqual(durationTicks(0.2, 1_000, 5), [1, 10, 60, 300]);
  assert.deepEqual(timeTicks(86_400, 5), [0, 21_600, 43_200, 64_800, 86_400]);
  assert.deepEqual([roundUp(0), roundUp(2.1), roundUp(1_000), roundUp(0.07)].map((x) => Number(x.toPrecision(6))), [1, 3, 1_000, 0.08]);
  assert.equal(linear(0, 10, 0, 100)(5), 50);
});
