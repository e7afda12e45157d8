// Debian's Chromium, windows of it that are signed in, and what every page is looked at for.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const pictures = process.env.CLINIC_PICTURES ?? resolve(here, "../../../artifacts/browser");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** How long something may take that comes by itself; generous, since a machine can be busy with other things. */
export const soon = 30_000;

/** How long another window may take to show what was done in one. The figures are printed; the second that is aimed at is held with CLINIC_WITHIN_MS=1000, on a machine with nothing else to do. */
export const withinMs = Number(process.env.CLINIC_WITHIN_MS ?? 10_000);

function launchOptions() {
  const executablePath = [process.env.CLINIC_CHROMIUM, "/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("Chromium is missing; apt-get install chromium");
  return { executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] };
}

export async function openBrowser() {
  return chromium.launch(launchOptions());
}

/** A browser of its own that can be killed, all its processes at once: none is left to say goodbye for the others. */
export async function openBrowserProcess() {
  const own = await chromium.launchServer(launchOptions());
  const { pid } = own.process();
  let killed = false;
  const kill = () => {
    if (!killed) process.kill(-pid, "SIGKILL");
    killed = true;
  };
  return { browser: await chromium.connect(own.wsEndpoint()), kill };
}

/**
 * A window in a browser context of its own. Playwright cuts the network of pages and not of shared workers: where it is cut, `sharing` is false.
 * What the page complains about is kept: `window.faults` is empty at the end of a test that did nothing to the
 * network.
 */
export async function openWindow(browser, server, { size = "desktop", colors = "light", sharing = true, ...context } = {}) {
  const own = await browser.newContext({ baseURL: server.url, viewport: sizes[size], colorScheme: colors, timezoneId: "UTC", locale: "en-GB", reducedMotion: "reduce", ...context });
  if (!sharing) await own.addInitScript(() => delete globalThis.SharedWorker);
  return watch(await own.newPage());
}

/** Another window of the same browser profile. */
export async function openTab(page) {
  return watch(await page.context().newPage());
}

function watch(page) {
  page.faults = [];
  page.setDefaultTimeout(soon);
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.faults.push(message.text());
  });
  return page;
}

/** Signs in as one of the sample staff, by name, and waits until the window is live. */
export async function signIn(page, name, { path = "/", clinic = "Sample Clinic North" } = {}) {
  await page.goto(path);
  await page.getByRole("region", { name: clinic }).getByRole("button", { name }).click();
  await live(page);
}

export async function live(page) {
  await page.locator('[role="status"][data-status="connected"]').waitFor();
}

export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: "disabled" });
}

/** No rule of axe is broken, on the page as it is now. */
export async function assertAccessible(page, what) {
  await page.evaluate(`${axeSource}; undefined`);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.slice(0, 5).map(({ html, failureSummary }) => `    ${html.slice(0, 200)}\n      ${failureSummary.replaceAll("\n", " ")}`).join("\n")}`);
  assert.equal(violations.length, 0, `${what}: ${told.join("\n")}`);
}

/** Milliseconds from the moment in which a page takes a click until something is on the page, another window's most often. */
export async function timed(page, act, seen) {
  await page.evaluate(() => addEventListener("click", () => (globalThis.clickedAt = Date.now()), { capture: true, once: true }));
  const waiting = seen().then(() => Date.now());
  await act();
  return (await waiting) - (await page.evaluate(() => globalThis.clickedAt));
}
