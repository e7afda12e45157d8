// How soon one can use the application, from an empty cache on, and what it takes to get there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openWindow, signIn } from "./browser.mjs";
import { Server } from "./server.mjs";

/** Generous: the machine may have other things to do. The figures are printed. */
const mostMs = Number(process.env.CLINIC_START_MS ?? 10_000);
/** Of everything that the first page loads, compressed. */
const mostKilobytes = 420;

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
  // A browser that has started before, and a server that has answered.
  const page = await openWindow(browser, server);
  await page.goto("/");
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

/** Milliseconds from the navigation's start until something is there and the page's thread is free to answer. */
async function usable(page, path, seen) {
  await page.goto(path, { waitUntil: "commit" });
  await seen().waitFor();
  return page.evaluate(() => new Promise((idle) => requestIdleCallback(() => idle(performance.now()))));
}

async function kilobytes(page) {
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/assets/")).map(({ name, encodedBodySize }) => ({ name, size: encodedBodySize })));
  const sum = (end) => loaded.filter(({ name }) => name.endsWith(end)).reduce((all, { size }) => all + size, 0) / 1024;
  return { scripts: sum(".js"), styles: sum(".css"), all: sum("") };
}

test("The application is usable soon, and small", async (t) => {
  const page = await openWindow(browser, server);
  const form = await usable(page, "/", () => page.getByRole("region", { name: "Sample Clinic North" }).getByRole("button", { name: "Dr. Example 1" }));
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN);
  const asked = await kilobytes(page);
  await signIn(page, "Dr. Example 1", { path: `/schedule?date=${server.day}` });
  await page.locator("[data-appointment]").first().waitFor();
  const all = await kilobytes(page);
  // The same user with nothing in the cache: the address of the day, with data on it.
  const signedIn = await page.evaluate(() => sessionStorage.getItem("clinic.signed-in"));
  const cold = await openWindow(browser, server);
  await cold.addInitScript((who) => sessionStorage.setItem("clinic.signed-in", who), signedIn);
  const day = await usable(cold, `/schedule?date=${server.day}`, () => cold.locator("[data-appointment]").first());
  t.diagnostic(`first paint: ${paint.toFixed(0)} ms`);
  t.diagnostic(`time to interactive, the form to sign in: ${form.toFixed(0)} ms`);
  t.diagnostic(`time to interactive, the schedule with its data: ${day.toFixed(0)} ms`);
  t.diagnostic(`loaded, compressed: ${asked.all.toFixed(0)} KB to sign in, ${all.all.toFixed(0)} KB with the schedule (${all.scripts.toFixed(0)} KB of scripts, ${all.styles.toFixed(0)} KB of styles)`);
  assert.ok(form < mostMs && day < mostMs, `${form} and ${day} ms`);
  assert.ok(all.all > 0 && all.all < mostKilobytes, `${all.all.toFixed(0)} KB`);
  assert.deepEqual([page.faults, cold.faults], [[], []]);
});
