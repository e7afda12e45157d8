// An hour of use in fake time: listeners, subscriptions, nodes and heap are at its end what they were after a while of use. CLINIC_CYCLES says in how many rounds over all pages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openWindow, signIn } from "./browser.mjs";
import { held, workerHeap } from "./measure.mjs";
import { Server } from "./server.mjs";

const cycles = Number(process.env.CLINIC_CYCLES ?? 6);
const warmUp = 4;
const hourMs = 60 * 60_000;

let server, browser, page;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
  page = await openWindow(browser, server);
  await page.clock.install({ time: `${server.day}T09:00:00Z` });
  await signIn(page, "Dr. Example 1", { path: "/tasks" });
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

const go = (name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();

/** One round of a provider's day, with what colleagues do meanwhile. */
async function round(number) {
  await go("Schedule");
  await page.locator("[data-appointment]").nth(number % 10).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await go("Messages");
  await page.locator('[data-thread="demo-thread-1"]').click();
  await page.getByRole("textbox", { name: /^Message in/ }).fill(`Draft ${number}`);
  await go("Patients");
  await page.locator('[data-patient="patient-1"]').click();
  await page.getByRole("button", { name: "Edit vitals" }).click();
  await server.publish({ topic: "patient:patient-1", type: "vitals:updated", data: vitals(number) });
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator('[data-section="vitals"]', { hasText: String(vitals(number).systolic) }).waitFor();
  await page.locator('[data-section="vitals"][data-edit="free"]').waitFor();
  await go("Notifications");
  const id = `hour-${number}`;
  await server.publish({ topic: "user:provider-1", type: "notification:new", data: { id, kind: "system", priority: "high", title: `Round ${number}`, body: "Of the tests", link: "/", requiresAck: false } });
  await page.locator(`[data-notification="${id}"]`).waitFor();
  await server.publish({ topic: "user:provider-1", type: "notification:acknowledged", data: { id, by: "provider-1", at: new Date().toISOString() } });
  await page.locator(`[data-notification="${id}"]`).waitFor({ state: "detached" });
  await page.getByRole("button", { name: /: menu$/ }).click();
  await page.keyboard.press("Escape");
  await go("Tasks");
  await page.getByRole("heading", { name: "Tasks", level: 1 }).waitFor();
  await page.clock.runFor(Math.round(hourMs / cycles));
}

function vitals(number) {
  return { patientId: "patient-1", systolic: 100 + number, diastolic: 81, heartRate: 60, temperature: 36.8, oxygenSaturation: 98, weight: 70, updatedBy: "nurse-1", updatedAt: `${server.day}T09:00:00Z`, version: 100 + number };
}

/** The topics that the server sends to this window, its only client; those that were left are gone after a while. */
async function topics() {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^clinic_relay_topic_count\S* (\d+)/m.exec(text)[1]);
}

async function now() {
  await page.locator('[role="alert"]:not([data-urgent])').first().waitFor({ state: "detached" });
  return { ...(await held(page)), worker: await workerHeap(browser), topics: await topics() };
}

test("An hour of use leaves no listener, subscription, node or memory behind", async (t) => {
  for (let number = 0; number < warmUp; number++) await round(number);
  const first = await now();
  for (let number = warmUp; number < warmUp + cycles; number++) await round(number);
  const last = await now();
  const kilobytes = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;
  t.diagnostic(`an hour in ${cycles} rounds: listeners ${first.listeners} to ${last.listeners}, nodes ${first.nodes} to ${last.nodes}, topics ${first.topics} to ${last.topics}, objects ${kilobytes(first.objects)} to ${kilobytes(last.objects)}, the whole heap with compiled code ${kilobytes(first.heap)} to ${kilobytes(last.heap)}, the shared worker's ${kilobytes(first.worker)} to ${kilobytes(last.worker)}`);
  assert.ok(last.listeners <= first.listeners + cycles / 2, "a listener is left in less than every second round");
  assert.ok(last.nodes <= first.nodes + 2 * cycles, "no more than two nodes are left by a round");
  assert.ok(last.topics <= first.topics, "no topic is left subscribed");
  assert.ok(last.objects <= first.objects * 1.02 + cycles * 10_000, "no more than 10 KB are left by a round");
  assert.ok(last.worker <= first.worker * 1.05 + cycles * 5_000, "nor in the shared worker");
  assert.deepEqual(page.faults, []);
});
