// For everybody: keyboard alone, screen readers (axe), light and dark, narrow screens.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { answered, control, done, launch, open } from "./browser.mjs";

const TIMEOUT = "functions.checkout.timeout";
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** What axe finds of weight, as text. */
async function findings(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(" | ")}`);
}

for (const scheme of ["light", "dark"]) {
  for (const [name, size] of [["wide", WIDE], ["phone", PHONE]]) {
    test(`axe finds nothing serious: ${scheme}, ${name}`, async () => {
      const { page, problems } = await open(browser.context, { size, scheme });
      assert.deepEqual(await findings(page), [], "first answer");
      await answered(page, () => page.locator("#pin").click());
      await answered(page, () => control(page, TIMEOUT).slider.press("ArrowLeft"));
      await page.evaluate(() => document.querySelectorAll("details.group, details.data").forEach((d) => (d.open = true)));
      assert.deepEqual(await findings(page), [], "with a pin, a change and open tables");
      await answered(page, async () => {
        await control(page, TIMEOUT).field.fill("fast");
        await control(page, TIMEOUT).field.press("Enter");
      });
      assert.deepEqual(await findings(page), [], "with an error");
      if (name === "wide") {
        for (const [button, dialog] of [["#share", "#sharing"], ["#edit", "#editor"]]) {
          await page.locator(button).click();
          await page.locator(`${dialog}[open]`).waitFor();
          assert.deepEqual(await findings(page), [], dialog);
          await page.keyboard.press("Escape");
        }
      }
      assert.deepEqual(problems, []);
      await page.close();
    });
  }
}

for (const width of [390, 320]) {
  test(`${width} pixels are wide enough`, async () => {
    const { page } = await open(browser.context, { size: { width, height: 844 } });
    await answered(page, () => page.locator("#pin").click());
    await answered(page, () => control(page, TIMEOUT).slider.press("ArrowLeft"));
    await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
    const beyond = await page.evaluate(() => {
      const reached = document.documentElement.scrollWidth - innerWidth;
      const wide = [...document.querySelectorAll("body *")].filter((e) => !e.closest(".scroll") && e.getBoundingClientRect().right > innerWidth + 1);
      return { reached, wide: wide.map((e) => `${e.tagName} ${e.className} ${e.id}`) };
    });
    assert.deepEqual(beyond, { reached: 0, wide: [] });
    await page.close();
  });
}

test("keyboard alone: skip to the settings, move, skip to the charts, read and choose", async () => {
  const { page, problems } = await open(browser.context);
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id);
  await page.keyboard.press("Tab");
  assert.match(await focused(), /settings/);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.type), "range");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, "none", "focus is visible");
  await answered(page, () => page.keyboard.press("ArrowRight"));
  await page.locator("#trade-off-title").evaluate((title) => title.closest("section").querySelector(".plot").focus());
  const plot = page.locator("#chart-trade-off .plot");
  await page.keyboard.press("Home");
  // To the first value that the platform takes and that is not chosen yet.
  const read = [await plot.getAttribute("aria-valuetext")];
  while (!/: Fee a month/.test(read.at(-1)) || read.at(-1).includes("(now)")) {
    await page.keyboard.press("ArrowRight");
    read.push(await plot.getAttribute("aria-valuetext"));
    assert.notEqual(read.at(-1), read.at(-2), "there is such a value");
  }
  const value = read.at(-1).split(":")[0];
  await answered(page, () => page.keyboard.press("Enter"));
  assert.equal(await page.locator("#chart-trade-off .plot .here").textContent(), value);
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("#chart-trade-off .tip").isHidden());
  const timeline = page.locator("#chart-timeline .plot");
  await timeline.focus();
  await page.keyboard.press("End");
  assert.match(await timeline.getAttribute("aria-valuetext"), /Requests a second .*Availability/);
  assert.deepEqual(problems, []);
  await page.close();
});

test("every focusable element is reached by Tab and shows it", async () => {
  const { page } = await open(browser.context);
  const seen = new Set();
  const bare = [];
  for (let i = 0; i < 200; i += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return null;
      const style = getComputedStyle(element);
      const outlined = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || element.classList.contains("skip");
      window.ids ??= new Map();
      if (!window.ids.has(element)) window.ids.set(element, window.ids.size);
      return { id: window.ids.get(element), name: `${element.tagName} ${element.id} ${element.className}`, outlined };
    });
    if (at === null || seen.has(at.id)) break;
    seen.add(at.id);
    if (!at.outlined) bare.push(at.name);
  }
  assert.deepEqual(bare, []);
  const all = await page.evaluate(() => {
    const focusable = "button:enabled, select, input:not([type=file]), summary, textarea, [tabindex='0'], a[href]";
    const shown = [...document.querySelectorAll(focusable)].filter((e) => e.checkVisibility() && !e.closest("dialog:not([open])"));
    return shown.filter((e) => !window.ids.has(e)).map((e) => `${e.tagName} ${e.id} ${e.className}`);
  });
  assert.deepEqual(all, []);
  await page.close();
});

test("the theme follows the system until one is chosen, and a choice is remembered", async () => {
  const { page } = await open(browser.context, { scheme: "dark" });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await paper();
  await page.emulateMedia({ colorScheme: "light" });
  const light = await paper();
  assert.notEqual(dark, light);
  await page.locator("#theme").selectOption("dark");
  assert.equal(await paper(), dark);
  await page.reload();
  await done(page);
  assert.equal(await paper(), dark);
  await page.locator("#theme").selectOption("auto");
  await page.close();
});

test("every chart has its figures as a table", async () => {
  const { page } = await open(browser.context);
  for (const chart of ["trade-off", "timeline", "fee", "latency"]) {
    await page.locator(`#chart-${chart} .data summary`).click();
    const rows = page.locator(`#chart-${chart} tbody tr`);
    await rows.first().waitFor();
    assert.match(await rows.first().innerText(), /\d/, chart);
  }
  await page.close();
});
