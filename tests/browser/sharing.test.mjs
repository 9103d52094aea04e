// Pins, links and downloads: what is decided can be compared, passed on and taken away.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { ADDRESS, ORIGIN, answered, control, done, launch, open, tile } from "./browser.mjs";

const TIMEOUT = "functions.checkout.timeout";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

test("pins are compared with, one at a time, and removed", async () => {
  const { page, problems } = await open(browser.context);
  const pins = page.locator("#pins li");
  await answered(page, () => page.locator("#pin").click());
  assert.equal((await pins.count()) - 1, 1);
  assert.match((await tile(page, "fee")).change, /same/);
  const { slider } = control(page, TIMEOUT);
  await answered(page, () => slider.press("Home"));
  assert.match((await tile(page, "fee")).change, /▼[^]*[-−][^]*better/);
  assert.match(await page.locator("#fee-note").innerText(), /baseline/i);
  await answered(page, () => page.locator("#pin").click());
  assert.match((await tile(page, "fee")).change, /same/);
  await answered(page, () => page.locator("#pins input").nth(1).check());
  assert.match((await tile(page, "fee")).change, /better/);
  await answered(page, () => page.locator("#pins input").first().check());
  assert.equal((await tile(page, "fee")).change, "");
  await answered(page, () => page.getByRole("button", { name: /^Restore A/ }).click());
  assert.equal(await control(page, TIMEOUT).field.inputValue(), "60s");
  await answered(page, () => page.getByRole("button", { name: /^Remove B/ }).click());
  assert.equal((await pins.count()) - 1, 1);
  assert.deepEqual(problems, []);
  await page.close();
});

test("a link opens what was shared, in a browser that knows nothing of it", async () => {
  const { page } = await open(browser.context);
  await answered(page, () => page.locator("#pin").click());
  await answered(page, () => control(page, TIMEOUT).slider.press("ArrowLeft"));
  await page.locator("#theme").selectOption("dark");
  await page.locator("#metric").selectOption("p99");
  const shown = { fee: await tile(page, "fee"), timeout: await control(page, TIMEOUT).field.inputValue() };
  await page.locator("#share").click();
  await page.waitForFunction(() => document.getElementById("sharing-link").value.includes("#1."));
  const link = await page.locator("#sharing-link").inputValue();
  const token = new URL(ADDRESS).searchParams.get("token");
  assert.ok(!link.includes(token), "the token is nobody else's");
  assert.ok(!page.url().includes(token), "nor is it in the address bar");
  await page.close();

  const other = await launch();
  const { page: opened, problems } = await open(other.context, { hash: new URL(link).hash });
  assert.deepEqual(await tile(opened, "fee"), shown.fee);
  assert.equal(await control(opened, TIMEOUT).field.inputValue(), shown.timeout);
  assert.equal((await opened.locator("#pins li").count()) - 1, 1);
  assert.equal(await opened.locator("html").getAttribute("data-theme"), "dark");
  assert.equal(await opened.locator("#metric").inputValue(), "p99");
  // Reloaded, the page is as it was: the token is the tab's, the state the address's.
  await opened.reload();
  await done(opened);
  assert.deepEqual(await tile(opened, "fee"), shown.fee);
  assert.deepEqual(problems, []);
  await other.close();
});

test("a link without a token asks for the address, and keeps what it shows", async () => {
  const other = await launch();
  const { page: first } = await open(other.context);
  await answered(first, () => control(first, TIMEOUT).slider.press("Home"));
  await first.waitForFunction(() => location.hash.startsWith("#1."));
  await first.waitForTimeout(300);
  const hash = new URL(first.url()).hash;
  const value = await control(first, TIMEOUT).field.inputValue();
  const page = await other.context.newPage();
  await page.goto(`${ORIGIN}/${hash}`);
  await page.locator("#locked-address").fill("http://example.org/?token=1");
  await page.locator("#locked-open").click();
  assert.match(await page.locator("#locked-error").innerText(), /127\.0\.0\.1/);
  await page.locator("#locked-address").fill(ADDRESS);
  await page.locator("#locked-open").click();
  await page.waitForURL((url) => !url.href.includes("token"));
  await page.locator(`[data-key="${TIMEOUT}"]`).waitFor();
  await done(page);
  assert.equal(await control(page, TIMEOUT).field.inputValue(), value);
  await other.close();
});

test("a damaged link says so and the page works; markup in a link stays text", async () => {
  const { page } = await open(browser.context, { hash: "#1.bm90IGRlZmxhdGU" });
  assert.match(await page.locator("#problem").innerText(), /damaged/);
  const hostile = await page.evaluate(async () => {
    const state = {
      scenario: { id: "hourly-minimum" },
      set: {},
      pins: [{ label: "<img src=x onerror=alert(1)>", name: "<b>", scenario: { name: "<script>", toml: "x" }, set: { "<i>": "<u>" } }],
      against: null,
      touched: "constructor",
    };
    const stream = new Blob([JSON.stringify(state)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    return `#1.${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
  });
  await page.close();
  const { page: opened, problems } = await open(browser.context, { hash: hostile });
  assert.equal(await opened.locator("#pins img, #pins b, #pins script").count(), 0);
  assert.match(await opened.locator("#pins").innerText(), /<img src=x/);
  assert.deepEqual(problems, []);
  await opened.close();
});

test("scenario, report, data and charts can be downloaded", async () => {
  const { page, problems } = await open(browser.context);
  await answered(page, () => control(page, TIMEOUT).slider.press("ArrowLeft"));
  const changed = await control(page, TIMEOUT).field.inputValue();
  const fetched = async (act) => {
    const [download] = await Promise.all([page.waitForEvent("download"), act()]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
  };
  const menu = (form) => async () => {
    await page.locator("#downloads summary").click();
    await page.locator(`#downloads [data-form="${form}"]`).click();
  };
  const scenario = await fetched(menu("scenario"));
  assert.match(scenario.name, /\.toml$/);
  assert.ok(scenario.text.includes(`timeout = "${changed}"`));
  const html = await fetched(menu("html"));
  assert.match(html.name, /\.html$/);
  assert.match(html.text, /^<!doctype html>/i);
  const json = JSON.parse((await fetched(menu("json"))).text);
  assert.ok(json.fee.month.mean > 0);
  assert.ok((await fetched(menu("csv"))).text.split("\n").length > 5);
  for (const chart of ["trade-off", "timeline", "fee", "latency"]) {
    const svg = await fetched(() => page.locator(`#chart-${chart} .chart-head button`).click());
    assert.equal(svg.name, `${chart}.svg`);
    const parsed = await page.evaluate((text) => {
      const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
      return { tag: root.tagName, classes: root.querySelectorAll("[class]").length, shapes: root.querySelectorAll("path, rect").length };
    }, svg.text);
    assert.equal(parsed.tag, "svg");
    assert.equal(parsed.classes, 0, "no style sheet is needed");
    assert.ok(parsed.shapes > 1);
  }
  assert.deepEqual(problems, []);
  await page.close();
});
