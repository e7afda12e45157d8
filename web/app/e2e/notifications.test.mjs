// Results and orders as they come, and what becomes of those that have to be acknowledged.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openWindow, picture, signIn, timed, withinMs } from "./browser.mjs";
import { Server } from "./server.mjs";

let server, browser, first, second;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
  // What is measured is a server that has done this before.
  await server.ask("POST", "/api/notifications/demo-notification-1/ack", undefined, "nurse-1");
  [first, second] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
  await signIn(first, "Dr. Example 2", { path: "/notifications" });
  await signIn(second, "Dr. Example 2", { path: "/schedule" });
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

const item = (page, title) => page.locator("[data-notification]", { hasText: title });
const urgent = (page, title) => page.locator("[data-urgent]", { hasText: title });
const number = async (page) => Number((await page.getByRole("link", { name: /^Notifications/ }).locator("[data-badge]").getAttribute("data-badge", { timeout: 2_000 }).catch(() => "0")) ?? 0);
const result = (test, abnormal) =>
  server.ask("POST", "/api/lab-results", { patientId: "patient-3", orderedBy: "provider-2", test, value: "7.9", unit: "mmol/L", status: "final", abnormal }, "nurse-1", { roles: ["nurse"] });

test("Two windows of one user are one entry", async () => {
  const nurse = await openWindow(browser, server);
  await signIn(nurse, "Nurse Example 1");
  await nurse.locator('[data-user="provider-2"]').waitFor();
  assert.equal(await nurse.locator('[data-user="provider-2"]').count(), 1);
  await nurse.context().close();
});

test("A result appears with its priority in words and a shape, and a toast", async () => {
  const before = await number(first);
  await result("Browser potassium", "abnormal");
  await item(first, "Browser potassium").locator('[data-priority="high"]', { hasText: "High" }).locator("svg").waitFor();
  await second.getByRole("alert").filter({ hasText: "Browser potassium" }).waitFor();
  await first.locator(`[data-badge="${before + 1}"]`).first().waitFor();
});

test("A critical result stays on every page until it is acknowledged in one window, and is gone in the other", async (t) => {
  await result("Browser troponin", "critical");
  await urgent(second, "Browser troponin").waitFor();
  await item(first, "Browser troponin").locator('[data-priority="urgent"]', { hasText: "Urgent" }).waitFor();
  await picture(second, "urgent");
  await second.getByRole("link", { name: /^Tasks/ }).click();
  await urgent(second, "Browser troponin").waitFor();
  const ms = await timed(
    first,
    () => item(first, "Browser troponin").getByRole("button", { name: /^Acknowledge/ }).click(),
    () => urgent(second, "Browser troponin").waitFor({ state: "detached" }),
  );
  t.diagnostic(`acknowledged elsewhere: ${ms} ms`);
  assert.ok(ms < withinMs, `${ms} ms`);
  await item(first, "Browser troponin").waitFor({ state: "detached" });
  await first.getByText("All", { exact: true }).click();
  await item(first, "Browser troponin").filter({ hasText: "acknowledged by Dr. Example 2" }).waitFor();
});

test("An escalation is told to the one it comes to and to the one it comes from", async () => {
  await server.ask("PUT", "/api/escalation-policy", { urgent: { afterSeconds: 1, list: ["provider-1"] } }, "admin-1", { roles: ["admin"] });
  const other = await openWindow(browser, server);
  await signIn(other, "Dr. Example 1");
  await result("Browser lactate", "critical");
  await urgent(other, "Browser lactate").waitFor();
  await second.getByRole("alert").filter({ hasText: "Escalated" }).first().waitFor();
  await first.getByText("To acknowledge", { exact: true }).click();
  await item(first, "Browser lactate").getByRole("button", { name: "Who answers for it?" }).click();
  await item(first, "Browser lactate").getByText(/from Dr. Example 2 to Dr. Example 1/).waitFor();
  await picture(first, "escalated");
  await urgent(other, "Browser lactate").getByRole("button", { name: "Acknowledge" }).click();
  await urgent(second, "Browser lactate").waitFor({ state: "detached" });
  assert.deepEqual([first.faults, second.faults, other.faults], [[], [], []]);
});
