// How soon a moved slider is answered, in a real browser: from the input event to the first coarse answer that is painted, to
// the sharpened one, and to the finished one. 100 moves, each after the last was answered; then a drag without a pause.
//
//   tests/browser/run latency.mjs [MOVES] [SCENARIO]

import { done, launch, open } from "./browser.mjs";

const moves = Number(process.argv[2] ?? 100);
const scenario = process.argv[3] ?? "timeout-doubles-the-bill";

const browser = await launch();
const { page } = await open(browser.context);
if ((await page.locator("#gallery").inputValue()) !== scenario) {
  await page.locator("#gallery").selectOption(scenario);
  await done(page);
}

// In the page: notes when the first frame after each stage has been painted.
await page.evaluate(() => {
  window.watch = (slider, value) =>
    new Promise((resolve) => {
      const times = {};
      const begun = performance.now();
      const painted = (stage) =>
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          // A message sent in a frame arrives after that frame has been painted.
          channel.port1.onmessage = () => {
            times[stage] ??= performance.now() - begun;
            if (stage === "done" || stage === "failed") {
              observer.disconnect();
              resolve(times);
            }
          };
          channel.port2.postMessage(0);
        });
      const observer = new MutationObserver(() => painted(document.body.dataset.state));
      observer.observe(document.body, { attributes: true, attributeFilter: ["data-state"] });
      slider.value = value;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
});

const stages = { coarse: [], sharper: [], final: [], done: [] };
const slider = page.locator("[data-slider]").first();
for (let i = 0; i < moves; i += 1) {
  const times = await slider.evaluate((element, i) => {
    const last = Number(element.max);
    // Up and down over all values, as somebody does who looks for the bend.
    const at = i % (2 * last);
    const value = at <= last ? at : 2 * last - at;
    return window.watch(element, String(value === Number(element.value) ? (value + 1) % (last + 1) : value));
  }, i);
  for (const [stage, all] of Object.entries(stages)) if (times[stage] !== undefined) all.push(times[stage]);
}

const drag = await slider.evaluate(async (element) => {
  const last = Number(element.max);
  let coarse = 0;
  // The next study may begin in the same breath: what counts is that the state was left.
  const observer = new MutationObserver((records) => (coarse += records.filter((r) => r.oldValue === "coarse").length));
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-state"], attributeOldValue: true });
  const begun = performance.now();
  for (let i = 0; i < 60; i += 1) {
    element.value = String(i % (2 * last) <= last ? i % (2 * last) : 2 * last - (i % (2 * last)));
    element.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 33));
  }
  const took = performance.now() - begun;
  observer.disconnect();
  return { coarse, took };
});
await done(page);
await browser.close();

const quantile = (values, q) => values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(q * values.length) - 1)];
console.log(`${scenario}, ${moves} moves: milliseconds from the input event to what is painted`);
console.log("stage     n    p50    p95    max");
for (const [stage, all] of Object.entries(stages)) {
  if (all.length === 0) continue;
  const figures = [0.5, 0.95, 1].map((q) => quantile(all, q).toFixed(0).padStart(6)).join(" ");
  console.log(`${stage.padEnd(8)} ${String(all.length).padStart(3)} ${figures}`);
}
console.log(`drag of 60 moves in ${(drag.took / 1000).toFixed(1)} s: ${drag.coarse} coarse answers on the way`);
