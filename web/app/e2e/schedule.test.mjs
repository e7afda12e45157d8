// Two windows of two people: what one does to the day, the other sees within a second.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, live, openBrowser, openWindow, picture, signIn, timed, withinMs } from "./browser.mjs";
import { Server } from "./server.mjs";

let server, browser, desk, nurse;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
  // What is measured is a server that has done each of these before.
  await warmUp();
  [desk, nurse] = await Promise.all([openWindow(browser, server, { sharing: false }), openWindow(browser, server)]);
  await signIn(desk, "Front Desk Example", { path: `/schedule?date=${server.day}` });
  await signIn(nurse, "Nurse Example 1", { path: `/schedule?date=${server.day}` });
  for (const page of [desk, nurse]) await page.locator("[data-appointment]").first().waitFor();
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

async function warmUp() {
  const body = { patientId: "patient-1", providerId: "provider-1", startsAt: "2031-03-03T09:00:00Z", durationMinutes: 30, reason: "Long from now" };
  const { id } = await server.ask("POST", "/api/appointments", body);
  await server.ask("PATCH", `/api/appointments/${id}`, { durationMinutes: 20 });
  await server.ask("PATCH", `/api/appointments/${id}/status`, { status: "checked_in" });
  await server.ask("DELETE", `/api/appointments/${id}`);
}

const card = (page, text) => page.locator("[data-appointment]", { hasText: text });
const column = (page, provider) => page.locator(`[data-provider="${provider}"]`);

async function make(page, patient, time, reason) {
  await page.getByRole("button", { name: "New appointment" }).click();
  await page.getByLabel("Patient").selectOption({ label: patient });
  await page.getByLabel("Time").fill(time);
  await page.getByLabel("Reason").fill(reason);
}

async function patientLabel(page) {
  await page.getByRole("button", { name: "New appointment" }).click();
  const label = await page.getByLabel("Patient").locator("option").nth(1).textContent();
  await page.keyboard.press("Escape");
  return label;
}

test("An appointment that is made appears in the colleague's window", async (t) => {
  const patient = await patientLabel(desk);
  await make(desk, patient, "16:30", "A check of the browser tests");
  const ms = await timed(
    desk,
    () => desk.getByRole("button", { name: "Make the appointment" }).click(),
    () => card(nurse, "A check of the browser tests").waitFor(),
  );
  t.diagnostic(`created: ${ms} ms`);
  assert.ok(ms < withinMs, `${ms} ms`);
  await card(desk, "A check of the browser tests").waitFor();
});

test("An appointment that is moved moves in the colleague's window, to another provider too", async (t) => {
  await card(desk, "A check of the browser tests").click();
  await desk.getByRole("button", { name: "Move" }).click();
  await desk.getByLabel("Time").fill("16:00");
  await desk.getByRole("dialog").getByLabel("Provider").selectOption("provider-2");
  const ms = await timed(
    desk,
    () => desk.getByRole("dialog").getByRole("button", { name: "Move" }).click(),
    () => column(nurse, "provider-2").locator("[data-appointment]", { hasText: /16:00.*A check of the browser tests/s }).waitFor(),
  );
  t.diagnostic(`moved: ${ms} ms`);
  assert.ok(ms < withinMs, `${ms} ms`);
  assert.equal(await card(nurse, "A check of the browser tests").count(), 1);
});

test("A check-in is seen and toasted in the colleague's window", async (t) => {
  await card(desk, "A check of the browser tests").click();
  const ms = await timed(
    desk,
    () => desk.getByRole("button", { name: "Check in" }).click(),
    () => Promise.all([
      nurse.getByRole("alert").filter({ hasText: "has checked in" }).filter({ hasText: "16:00 with Dr. Example 2" }).waitFor(),
      card(nurse, "A check of the browser tests").filter({ hasText: "Checked in" }).waitFor(),
    ]),
  );
  t.diagnostic(`checked in: ${ms} ms`);
  await picture(nurse, "checked-in-elsewhere");
  await assertAccessible(nurse, "a toast");
  assert.ok(ms < withinMs, `${ms} ms`);
});

test("An appointment that is cancelled shows as such in the colleague's window, and in one that looks at it", async (t) => {
  await card(nurse, "A check of the browser tests").click();
  await card(desk, "A check of the browser tests").click();
  await desk.getByRole("button", { name: "Cancel…" }).click();
  const ms = await timed(
    desk,
    () => desk.getByRole("button", { name: "Cancel the appointment" }).click(),
    () => Promise.all([
      card(nurse, "A check of the browser tests").filter({ hasText: "Cancelled" }).waitFor(),
      nurse.getByRole("dialog").getByText("can’t be changed any more").waitFor(),
    ]),
  );
  t.diagnostic(`cancelled: ${ms} ms`);
  assert.ok(ms < withinMs, `${ms} ms`);
  await nurse.keyboard.press("Escape");
});

test("A day is worked through with the keyboard alone", async () => {
  await nurse.reload();
  await live(nurse);
  await card(nurse, "A check of the browser tests").focus();
  await nurse.keyboard.press("Enter");
  await nurse.getByRole("dialog").waitFor();
  await nurse.keyboard.press("Escape");
  await nurse.getByRole("dialog").waitFor({ state: "detached" });
  assert.ok(await card(nurse, "A check of the browser tests").evaluate((element) => element === document.activeElement), "the focus did not come back");
  // An hour earlier, without a pointer.
  await card(nurse, "Sample reason 16").focus();
  await nurse.keyboard.press("Enter");
  await nurse.getByRole("dialog").waitFor();
  const focused = () => nurse.evaluate(() => document.activeElement.textContent);
  for (let tabs = 0; tabs < 12 && (await focused()) !== "Move"; tabs++) await nurse.keyboard.press("Tab");
  await nurse.keyboard.press("Enter");
  await nurse.getByRole("dialog", { name: /^Move/ }).getByLabel("Time").waitFor();
  await nurse.waitForFunction(() => document.activeElement.type === "time");
  await nurse.keyboard.press("ArrowDown");
  await nurse.keyboard.press("Enter");
  await column(desk, "provider-2").locator("[data-appointment]", { hasText: /14:30.*Sample reason 16/s }).waitFor();
  await nurse.goto(`/schedule?date=${server.day}`);
  await live(nurse);
  await nurse.keyboard.press("Tab");
  assert.equal(await nurse.evaluate(() => document.activeElement.textContent), "Skip to the content");
});

test("Without a connection the day can be read, changes say that they wait, and are sent once when it is back", async () => {
  const id = (await server.ask("POST", "/api/appointments", {
    patientId: "patient-1", providerId: "provider-1", startsAt: `${server.day}T16:30:00Z`, durationMinutes: 30, reason: "Made before the network went",
  })).id;
  await card(desk, "Made before the network went").waitFor();
  await desk.context().setOffline(true);
  await desk.locator('[role="status"][data-status="offline"]').waitFor();
  await card(desk, "Made before the network went").click();
  await desk.getByRole("button", { name: "Check in" }).click();
  await desk.getByRole("button", { name: "1 change waits for the connection" }).waitFor();
  await card(desk, "Made before the network went").filter({ hasText: "Waits for the connection" }).waitFor();
  await picture(desk, "waits-for-the-connection");
  await desk.context().setOffline(false);
  await card(nurse, "Made before the network went").filter({ hasText: "Checked in" }).waitFor();
  await card(desk, "Made before the network went").filter({ hasText: "Checked in" }).waitFor();
  await desk.getByRole("button", { name: "1 change waits for the connection" }).waitFor({ state: "detached" });
  assert.equal((await server.ask("GET", `/api/appointments/${id}`)).version, 2);
});

test("A change that was made while the server was away is sent once when it is back", async () => {
  await server.ask("POST", "/api/appointments", {
    patientId: "patient-2", providerId: "provider-2", startsAt: `${server.day}T16:45:00Z`, durationMinutes: 15, reason: "Made before the server went",
  });
  await card(desk, "Made before the server went").click();
  await server.kill();
  await desk.locator('[role="status"][data-status="reconnecting"]').waitFor();
  await desk.getByRole("button", { name: "Check in" }).click();
  await desk.getByRole("button", { name: "1 change waits for the connection" }).waitFor();
  await picture(desk, "server-away");
  await server.run();
  await live(desk);
  await card(desk, "Made before the server went").filter({ hasText: "Checked in" }).waitFor();
  const today = await server.ask("GET", `/api/appointments?date=${server.day}&limit=200`);
  const seen = today.items.find(({ reason }) => reason === "Made before the server went");
  assert.deepEqual([seen.status, seen.version], ["checked_in", 2]);
});

test("What was made and done without a connection outlives a reload, and is sent once; who signs out is asked", async () => {
  const body = { patientId: "patient-3", providerId: "provider-1", startsAt: `${server.day}T17:30:00Z`, durationMinutes: 15, reason: "There before the reload" };
  const { id } = await server.ask("POST", "/api/appointments", body);
  const patient = await patientLabel(desk);
  await card(desk, "There before the reload").waitFor();
  // The network of the application alone, so that the page itself can be loaded again.
  await desk.route(/\/(api|hubs|health|dev)\//, (route) => route.abort());
  await desk.evaluate(() => window.dispatchEvent(new Event("offline")));
  await make(desk, patient, "17:00", "Made before the reload");
  await desk.getByRole("button", { name: "Make the appointment" }).click();
  await card(desk, "There before the reload").click();
  await desk.getByRole("button", { name: "Check in" }).click();
  const waiting = desk.locator('[data-waiting="2"]');
  await waiting.waitFor();
  await desk.reload();
  await waiting.waitFor();
  await desk.getByRole("button", { name: /: menu$/ }).click();
  await desk.getByRole("button", { name: "Sign out" }).click();
  const question = desk.getByRole("dialog", { name: "Sign out without sending?" });
  await question.getByText("New appointment of").waitFor();
  await picture(desk, "sign-out-with-waiting");
  await assertAccessible(desk, "the question before one signs out");
  await question.getByRole("button", { name: "Stay signed in" }).click();
  await question.waitFor({ state: "detached" });
  await desk.unroute(/\/(api|hubs|health|dev)\//);
  await card(nurse, "Made before the reload").waitFor();
  await card(nurse, "There before the reload").filter({ hasText: "Checked in" }).waitFor();
  await waiting.waitFor({ state: "detached" });
  await card(desk, "Made before the reload").waitFor();
  const { items } = await server.ask("GET", `/api/appointments?date=${server.day}&limit=200`);
  assert.equal(items.filter(({ reason }) => reason === "Made before the reload").length, 1, "it was made once");
  assert.equal(items.find((one) => one.id === id).version, 2);
});
