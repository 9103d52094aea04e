// The settings: every control answers, errors stay with their control, steps can be undone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answered, control, done, launch, open, tile } from "./browser.mjs";

const TIMEOUT = "functions.checkout.timeout";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** A test with a page of its own, in which nothing may go wrong that the test does not expect. */
function onPage(name, act, options = {}) {
  test(name, async () => {
    const { page, problems } = await open(browser.context, options);
    await act(page);
    assert.deepEqual(problems, []);
    await page.close();
  });
}

onPage("the first answer fills tiles and charts", async (page) => {
  for (const id of ["fee", "availability", "throttled", "p99", "cold", "ceiling"]) {
    const { value } = await tile(page, id);
    assert.match(value, /\d/, `${id} is ${value}`);
  }
  for (const chart of ["trade-off", "timeline", "fee", "latency"]) {
    assert.ok((await page.locator(`#chart-${chart} svg path, #chart-${chart} svg rect`).count()) > 0, `${chart} is drawn`);
  }
  assert.match(await page.locator("#status").innerText(), /replications/);
});

onPage("every control can be moved, and moving it back gives the first answer", async (page) => {
  await page.evaluate(() => document.querySelectorAll("details.group").forEach((group) => (group.open = true)));
  const first = await tile(page, "fee");
  const keys = await page.locator("[data-key]").evaluateAll((all) => all.map((element) => element.dataset.key));
  assert.ok(keys.length >= 6, `${keys.length} controls`);
  for (const key of keys) {
    const { slider, field } = control(page, key);
    const before = await field.inputValue();
    if ((await slider.count()) > 0 && (await slider.isVisible())) {
      const last = Number(await slider.getAttribute("max"));
      const key = Number(await slider.inputValue()) < last ? "ArrowRight" : "ArrowLeft";
      await answered(page, () => slider.press(key));
      assert.notEqual(await field.inputValue(), before, `${key} of ${await slider.getAttribute("aria-label")}`);
      assert.equal(await slider.getAttribute("aria-valuetext"), await field.inputValue());
    } else if ((await field.evaluate((element) => element.tagName)) === "SELECT") {
      const others = await field.locator("option").evaluateAll((all) => all.map((option) => option.value));
      const other = others.find((value) => value !== before);
      if (other) await answered(page, () => field.selectOption(other));
    } else {
      continue;
    }
    const state = await page.evaluate(() => document.body.dataset.state);
    const refused = await control(page, key).row.locator(".error").innerText();
    assert.ok(state === "done" || refused !== "", `${key}: ${state} without a reason at the control`);
    await answered(page, () => page.locator("#undo").click());
    assert.equal(await field.inputValue(), before, `${key} after undo`);
  }
  assert.deepEqual(await tile(page, "fee"), first);
});

onPage("an invalid entry is an error at its control, and the last good answer stays", async (page) => {
  const first = await tile(page, "fee");
  const { field, slider, row } = control(page, TIMEOUT);
  await answered(page, async () => {
    await field.fill("fast");
    await field.press("Enter");
  });
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.match(await row.locator(".error").innerText(), /\w+/);
  assert.deepEqual(await tile(page, "fee"), first);
  assert.match(await page.locator("#status").innerText(), /last good answer/);
  const described = await field.getAttribute("aria-describedby");
  assert.ok(described.split(" ").includes(await row.locator(".error").getAttribute("id")));
  await answered(page, async () => {
    await field.fill("5s");
    await field.press("Enter");
  });
  assert.equal(await field.getAttribute("aria-invalid"), null);
  assert.equal(await slider.getAttribute("aria-valuetext"), "5s");
  assert.equal(await page.locator("#chart-trade-off .here").textContent(), "5s", "the curve goes through a typed value");
  assert.notEqual((await tile(page, "fee")).value, first.value);
});

onPage("undo and redo by button and by key; the moves of one gesture are one step", async (page) => {
  const { slider, field } = control(page, TIMEOUT);
  const before = await field.inputValue();
  assert.ok(await page.locator("#undo").isDisabled());
  const box = await slider.boundingBox();
  await answered(page, async () => {
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2, { steps: 6 });
    await page.mouse.up();
  });
  const moved = await field.inputValue();
  assert.notEqual(moved, before);
  await answered(page, () => page.locator("#undo").click());
  assert.equal(await field.inputValue(), before);
  assert.ok(await page.locator("#undo").isDisabled(), "one gesture, one step");
  assert.equal(await page.locator("#chart-trade-off .here").textContent(), before, "the curve is marked where it was");
  await slider.focus();
  await answered(page, () => page.keyboard.press("Control+Shift+Z"));
  assert.equal(await field.inputValue(), moved);
  await answered(page, () => page.keyboard.press("Control+z"));
  assert.equal(await field.inputValue(), before);
  // In a text field the keys are the field's own.
  await answered(page, () => page.keyboard.press("Control+y"));
  await field.focus();
  await page.keyboard.press("Control+z");
  await done(page);
  assert.equal(await page.locator("#redo").isDisabled(), true);
  assert.equal(await slider.getAttribute("aria-valuetext"), moved);
});

onPage("reset takes a setting back to the scenario's", async (page) => {
  const { field, row, slider } = control(page, TIMEOUT);
  const before = await field.inputValue();
  await answered(page, () => slider.press("ArrowLeft"));
  assert.equal(await row.locator(".origin").innerText(), "changed");
  await answered(page, () => row.locator(".reset").click());
  assert.equal(await field.inputValue(), before);
  assert.equal(await row.locator(".origin").innerText(), "scenario");
});

onPage("fast moves end with the answer to the last of them", async (page) => {
  const { slider, field } = control(page, TIMEOUT);
  await answered(page, async () => {
    for (const key of ["Left", "Left", "Right", "Left", "Left", "Right", "Right", "Right", "Right"]) await slider.press(`Arrow${key}`);
  });
  const last = await field.inputValue();
  const fast = await tile(page, "fee");
  await answered(page, () => slider.press("ArrowLeft"));
  await answered(page, () => slider.press("ArrowRight"));
  assert.equal(await field.inputValue(), last);
  assert.deepEqual(await tile(page, "fee"), fast);
});

onPage("the scenario as text: errors by line, then a text of one's own", async (page) => {
  await answered(page, () => control(page, TIMEOUT).slider.press("ArrowLeft"));
  const changed = await control(page, TIMEOUT).field.inputValue();
  await page.locator("#edit").click();
  const text = page.locator("#editor-text");
  await text.waitFor();
  const toml = await text.inputValue();
  assert.ok(toml.includes(`timeout = "${changed}"`), "changes by controls are in the text");
  assert.ok(toml.includes("# the payment API"), "comments are kept");
  const wrong = toml.replace('runtime = "nodejs20"', 'runtime = "nodejs20"\nmemroy = "1 GiB"');
  const line = wrong.split("\n").findIndex((l) => l.startsWith("memroy")) + 1;
  await text.fill(wrong);
  await page.locator("#editor-apply").click();
  await page.locator("#editor-errors li").first().waitFor();
  assert.match(await page.locator("#editor-errors").innerText(), new RegExp(`line ${line}\\b[^]*memroy`));
  await page.locator("#editor-errors button").first().click();
  const selected = await text.evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
  assert.match(selected, /memroy/);
  await text.fill(toml.replace('poisson = "5/s"', 'poisson = "1/s"'));
  const before = await tile(page, "fee");
  await answered(page, () => page.locator("#editor-apply").click());
  assert.notEqual((await tile(page, "fee")).value, before.value);
  await answered(page, () => page.locator("#undo").click());
  assert.deepEqual(await tile(page, "fee"), before);
});

onPage("a file of one's own is read by the browser", async (page) => {
  await page.locator("#edit").click();
  await page.locator("#editor-text").waitFor();
  const toml = (await page.locator("#editor-text").inputValue()).replaceAll("checkout", "till");
  await page.locator("#editor-file").setInputFiles({ name: "mine.toml", mimeType: "text/plain", buffer: Buffer.from(toml) });
  await page.waitForFunction(() => document.getElementById("editor-text").value.includes("till"));
  await answered(page, () => page.locator("#editor-apply").click());
  assert.equal(await page.locator("#name").innerText(), "mine");
  assert.equal(await control(page, "functions.till.timeout").field.inputValue(), "60s");
});

onPage("another scenario of the gallery", async (page) => {
  await answered(page, () => page.locator("#gallery").selectOption("hourly-minimum"));
  assert.equal(await page.locator("#name").innerText(), "hourly-minimum");
  assert.match(await page.locator("#question").innerText(), /7\.30 CNY/);
  assert.equal(await page.locator(`[data-key="${TIMEOUT}"]`).count(), 0);
  await answered(page, () => page.locator("#undo").click());
  assert.equal(await page.locator(`[data-key="${TIMEOUT}"]`).count(), 1);
});
