// What the tests share: a browser, a page that knows the server's token, and waiting for answers instead of for time.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The address that `faascast serve` printed, token included. */
export const ADDRESS = process.env.FAASCAST_ADDRESS;
if (!ADDRESS) throw new Error("FAASCAST_ADDRESS is not set: use tests/browser/run");

/** The address without its token. */
export const ORIGIN = new URL(ADDRESS).origin;

/** A browser with a profile of its own, which is thrown away at the end. */
export async function launch(options = {}) {
  const profile = mkdtempSync(join(tmpdir(), "faascast-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
    acceptDownloads: true,
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce",
    ...options,
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, close };
}

/** Opens the page and waits for its first finished answer. `problems` collects what must not happen. */
export async function open(context, { hash = "", address = ADDRESS, size = null, scheme = null } = {}) {
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => {
    // A refused setting is a refused request, and the browser notes each of those by itself.
    const refused = /status of (422|429|401)/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !refused) problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(ORIGIN) && !/^(data|blob):/.test(request.url())) problems.push(`request: ${request.url()}`);
  });
  if (size) await page.setViewportSize(size);
  if (scheme) await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.goto(address + hash);
  await done(page);
  return { page, problems };
}

/** Waits until the study that belongs to what is shown has ended. */
export async function done(page) {
  // Longer than the pause in which slider moves are gathered.
  await page.waitForTimeout(60);
  await page.waitForFunction(() => ["done", "failed"].includes(document.body.dataset.state), null, { timeout: 60_000 });
}

/** Runs `act` and waits for the answer to it. */
export async function answered(page, act) {
  await page.evaluate(() => (document.body.dataset.state = "waiting"));
  await act();
  await done(page);
}

/** The texts of a tile. */
export async function tile(page, id) {
  const part = (name) => page.locator(`[data-tile="${id}"] .${name}`);
  const change = (await part("change").isVisible()) ? await part("change").innerText() : "";
  return { value: await part("value").innerText(), interval: await part("interval").innerText(), change };
}

/** The slider, field and error of a control. */
export function control(page, key) {
  return {
    slider: page.locator(`[data-slider="${key}"]`),
    field: page.locator(`[data-key="${key}"]`),
    row: page.locator(".control", { has: page.locator(`[data-key="${key}"]`) }),
  };
}
