// What an answer looks like: tiles, charts, and how far it is.

import { Chart } from "./chart.js";
import { METRICS, tradeOff } from "./chart_curve.js";
import { fee } from "./chart_fee.js";
import { latency } from "./chart_latency.js";
import { timeline } from "./chart_timeline.js";
import { byId, h, setText } from "./dom.js";
import { Findings } from "./findings.js";
import { Headline } from "./headline.js";

/** Everything that shows an answer. `act` has `choose(value)` and `metricChanged()`. */
export class View {
  #curve = null;
  #title = "";
  #result = null;
  #calm = null;
  #replications = null;
  #cut = false;

  constructor(act) {
    this.act = act;
    this.headline = new Headline(byId("tiles"));
    this.findings = new Findings(byId("findings"));
    const options = Object.entries(METRICS).map(([id, [name]]) => h("option", { value: id }, name));
    this.select = h("select", { id: "metric" }, ...options);
    this.select.addEventListener("change", () => {
      this.#drawCurve();
      act.metricChanged();
    });
    const against = h("label", { class: "against" }, "Fee against ", this.select);
    this.charts = {
      curve: new Chart("trade-off", "Trade-off", against),
      timeline: new Chart("timeline", "The course over the horizon"),
      fee: new Chart("fee", "Fee a month"),
      latency: new Chart("latency", "Latency"),
    };
    const column = (...charts) => h("div", { class: "column" }, ...charts.map((chart) => chart.element));
    const { curve, timeline, fee, latency } = this.charts;
    byId("charts").append(column(curve, fee), column(timeline, latency));
    this.#drawCurve();
    // The settings scroll beside the charts, below a head whose height depends on its texts.
    new ResizeObserver(() => {
      document.documentElement.style.setProperty("--head", `${byId("head").offsetHeight}px`);
    }).observe(byId("head"));
  }

  get metric() {
    return this.select.value;
  }

  setMetric(metric) {
    if (metric in METRICS) this.select.value = metric;
    this.#drawCurve();
  }

  /** Another scenario: its curve is none of the last one's. */
  fresh() {
    this.#curve = null;
    this.#drawCurve();
  }

  busy() {
    document.body.dataset.state = "busy";
    // Most answers come before this: a word for each would only flicker.
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => this.#say("Computing…"), 300);
  }

  answer(answer) {
    clearTimeout(this.#calm);
    const { result, baseline = null } = answer;
    this.#replications = answer.replications;
    this.#cut = result.incomplete;
    this.#result = result;
    document.body.dataset.state = answer.stage;
    this.headline.show(answer.headline);
    this.findings.show(result);
    this.charts.timeline.show(timeline(result, baseline));
    this.charts.fee.show(fee(result, baseline));
    this.charts.latency.show(latency(result, baseline));
    if (this.#curve) this.#drawCurve();
    if (answer.stage !== "final") this.#calm = setTimeout(() => this.#say(`${this.#counted()}, sharpening…`), 250);
    else this.#say(this.#counted());
  }

  curve(curve, title) {
    this.#curve = curve;
    this.#title = title;
    this.#drawCurve();
  }

  done() {
    clearTimeout(this.#calm);
    document.body.dataset.state = "done";
    this.#say(`${this.#counted()}${this.#cut ? "; there was no time for more" : ""}. Intervals: 95 %.`);
  }

  failed() {
    clearTimeout(this.#calm);
    document.body.dataset.state = "failed";
    this.#say(this.#replications !== null ? "Not computed; the last good answer is shown." : "Not computed.");
  }

  /** A problem that belongs to no control, or null. */
  problem(content) {
    byId("problem").hidden = content === null;
    byId("problem").replaceChildren(content ?? "");
  }

  #counted() {
    return this.#replications > 1 ? `${this.#replications} replications` : "A first look";
  }

  #say(text) {
    setText(byId("status"), text);
  }

  #drawCurve() {
    const model = tradeOff(this.#curve, this.#title, this.metric, this.#result, this.act.choose);
    setText(this.charts.curve.title, this.#title ? `Trade-off along ${this.#title}` : "Trade-off");
    this.charts.curve.show(model);
  }
}
