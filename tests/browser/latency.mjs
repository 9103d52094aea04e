// How soon a moved slider is answered, in a real browser: from the input event to the first coarse answer that is painted, and to
// the sharpened one. 100 moves of the timeout, each after the last was sharpened; then a drag without a pause. The server remembers
// what it has simulated, so between two passes over the slider the traffic's rate is changed by a hair: next to no move repeats another.
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
            if (stage !== "busy" && stage !== "coarse") {
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

const first = [];
const sharpened = [];
let failed = 0;
const slider = page.locator('[data-slider$=".timeout"]').first();
const rate = page.locator('[data-key$=".arrivals.poisson"]').first();
const [, perSecond] = /^([0-9.]+)/.exec(await rate.inputValue());
const values = Number(await slider.getAttribute("max")) + 1;
for (let i = 0; i < moves; i += 1) {
  if (i > 0 && i % values === 0) {
    await rate.fill(`${Number(perSecond) + i / values / 1_000}/s`);
    await rate.press("Enter");
    await page.waitForTimeout(60);
    await page.waitForFunction(() => ["sharper", "final", "done"].includes(document.body.dataset.state), null, { timeout: 60_000 });
  }
  const times = await slider.evaluate((element, at) => {
    // Two before its value, so that no move goes to where the slider is.
    const value = (at + Number(element.max) - 1) % (Number(element.max) + 1);
    return window.watch(element, String(value));
  }, i % values);
  const [sharp] = [times.sharper, times.final, times.done].filter((time) => time !== undefined);
  if (times.failed !== undefined) failed += 1;
  else first.push(times.coarse ?? sharp);
  if (sharp !== undefined) sharpened.push(sharp);
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
console.log("answer       n    p50    p95    max");
for (const [name, all] of [["first", first], ["sharpened", sharpened]]) {
  const figures = [0.5, 0.95, 1].map((q) => quantile(all, q).toFixed(0).padStart(6)).join(" ");
  console.log(`${name.padEnd(10)} ${String(all.length).padStart(3)} ${figures}`);
}
if (failed > 0) console.log(`${failed} moves were refused`);
console.log(`drag of 60 moves in ${(drag.took / 1000).toFixed(1)} s: ${drag.coarse} coarse answers on the way`);
