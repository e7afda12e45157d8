// Messages between windows, and over the server's death.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, live, openBrowser, openWindow, picture, signIn, soon } from "./browser.mjs";
import { Server, serviceKey, within } from "./server.mjs";

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

const thread = "demo-thread-1";
const composer = (page) => page.getByRole("textbox", { name: /^Message in/ });
const place = (page) => page.locator('nav[aria-label="Main"] a[href="/messages"]');
const unread = (page, count) => (count ? place(page).locator(`[data-badge="${count}"]`).waitFor() : place(page).locator("[data-badge]").waitFor({ state: "detached" }));

async function say(page, text) {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}

/** Publishes as a backend does; a repeat with the same id is harmless, so that it goes on for two minutes until the server has it. */
async function publish(event) {
  const giveUp = Date.now() + 120_000;
  while (Date.now() < giveUp) {
    try {
      const answer = await fetch(`${server.url}/api/events`, {
        method: "POST",
        headers: { authorization: `ServiceKey ${serviceKey}`, "x-tenant": "demo-north", "x-user": "nurse-2", "content-type": "application/json" },
        body: JSON.stringify(event),
      });
      if (answer.ok) return;
      if (answer.status < 500) throw new TypeError(`${answer.status} ${await answer.text()}`);
    } catch (error) {
      if (error.message.startsWith("4")) throw error;
    }
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error(`the server did not take ${event.id} within two minutes`);
}

test("A message arrives, typing appears and disappears, it is read, and what is unread is counted", async () => {
  const [doctor, nurse] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
  await signIn(doctor, "Dr. Example 1", { path: `/messages/${thread}` });
  await signIn(nurse, "Nurse Example 1", { path: "/schedule" });
  // The sample clinic has one in each of both threads.
  await unread(nurse, 2);

  await say(doctor, "The first, unread");
  await unread(nurse, 3);
  await doctor.getByText("Sent", { exact: true }).last().waitFor();

  await place(nurse).click();
  await nurse.locator(`[data-thread="${thread}"]:has([data-badge="2"])`).click();
  await nurse.locator("[data-message]", { hasText: "The first, unread" }).waitFor();
  await doctor.locator('[data-here="nurse-1"]').waitFor();
  await doctor.locator("[data-message]", { hasText: "The first, unread" }).getByText("Read by Nurse Example 1").waitFor();
  await unread(nurse, 1);

  await composer(nurse).pressSequentially("I will");
  await doctor.getByText("Nurse Example 1 is typing").waitFor();
  await picture(doctor, "messaging-typing");
  await doctor.locator('[data-typing="0"]').waitFor();
  await composer(nurse).pressSequentially(" come");
  await doctor.getByText("Nurse Example 1 is typing").waitFor();
  await composer(nurse).press("Enter");
  await doctor.locator('[data-typing="0"]').waitFor();
  await doctor.locator("[data-message]", { hasText: "I will come" }).waitFor();
  await nurse.locator("[data-message]", { hasText: "I will come" }).getByText("Read by Dr. Example 1").waitFor();
  await unread(doctor, 0);

  await nurse.goto("/schedule");
  await doctor.locator('[data-here="nurse-1"]').waitFor({ state: "detached" });
  assert.deepEqual([doctor.faults, nurse.faults], [[], []]);
  await Promise.all([doctor.context().close(), nurse.context().close()]);
});

test("A message that is written without a network waits, outlives a reload, and is sent once", async () => {
  const [doctor, nurse] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
  await signIn(doctor, "Dr. Example 1", { path: `/messages/${thread}` });
  await signIn(nurse, "Nurse Example 1", { path: `/messages/${thread}` });
  await doctor.locator("[data-message]").first().waitFor();
  // The network of the application alone, so that the page itself can be loaded again.
  await doctor.route(/\/(api|hubs|health)\//, (route) => route.abort());
  await doctor.evaluate(() => window.dispatchEvent(new Event("offline")));
  await say(doctor, "Written without a network");
  await doctor.locator('[data-unsent="waits"]', { hasText: "Written without a network" }).waitFor();
  await picture(doctor, "messaging-waits");
  await assertAccessible(doctor, "a message that waits");
  await doctor.reload();
  await doctor.locator("[data-waiting]").waitFor();
  await doctor.unroute(/\/(api|hubs|health)\//);
  await nurse.locator("[data-message]", { hasText: "Written without a network" }).waitFor();
  await live(doctor);
  await doctor.locator("[data-message]", { hasText: "Written without a network" }).waitFor();
  await doctor.locator("[data-unsent]").waitFor({ state: "detached" });
  assert.equal(await doctor.getByText("Written without a network").count(), 1);
  assert.equal(await nurse.getByText("Written without a network").count(), 1);
  await Promise.all([doctor.context().close(), nurse.context().close()]);
});

test("A message that is refused says why, outlives a reload, and is sent again or removed", async () => {
  const page = await openWindow(browser, server);
  await signIn(page, "Nurse Example 1", { path: `/messages/${thread}` });
  await page.locator("[data-message]").first().waitFor();
  const path = `**/api/messaging/${thread}/messages`;
  await page.route(path, (route) => (route.request().method() === "POST" ? route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify({ code: "forbidden", detail: "It is not for you to say." }) }) : route.continue()));
  await say(page, "Refused and sent again");
  await page.locator("[data-refused]", { hasText: "Refused and sent again" }).getByText("It is not for you to say.").waitFor();
  await say(page, "Refused and removed");
  await page.locator("[data-refused]", { hasText: "Refused and removed" }).waitFor();
  await picture(page, "messaging-refused");
  await assertAccessible(page, "a refused message");
  await page.reload();
  await page.locator("[data-refused]", { hasText: "Refused and removed" }).getByRole("button", { name: "Remove" }).click();
  await page.unroute(path);
  await page.locator("[data-refused]", { hasText: "Refused and sent again" }).getByRole("button", { name: "Try again" }).click();
  await page.locator("[data-message]", { hasText: "Refused and sent again" }).waitFor();
  await page.locator("[data-refused]").waitFor({ state: "detached" });
  assert.equal(await page.getByText("Refused and removed").count(), 0);
  await page.context().close();
});

test("The server is killed while a message is sent and 50 events arrive: each event once, and the message once", async () => {
  const [doctor, nurse] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
  await signIn(doctor, "Dr. Example 1", { path: `/messages/${thread}` });
  await signIn(nurse, "Nurse Example 1", { path: `/messages/${thread}` });
  await Promise.all([doctor, nurse].map((page) => page.locator("[data-message]").first().waitFor()));

  // The server takes the message, and dies before it has answered.
  let taken;
  const isTaken = new Promise((resolve) => (taken = resolve));
  let requests = 0;
  await doctor.route(`**/api/messaging/${thread}/messages`, async (route) => {
    if (route.request().method() !== "POST" || ++requests > 1) return route.continue();
    await route.fetch();
    taken();
    await killed;
    return route.abort();
  });
  let kill;
  const killed = new Promise((resolve) => (kill = resolve));

  const published = Array.from({ length: 50 }, (_, at) => {
    const id = `killed-${at}`;
    const message = { id, threadId: thread, sequence: 10_000 + at, author: "nurse-2", authorName: "Nurse Example 2", body: `Event number ${at}.`, sentAt: new Date(Date.now() + at).toISOString(), readBy: [] };
    return { topic: `thread:${thread}`, type: "message:new", id, data: message };
  });
  const publishAll = (events) => {
    const all = Promise.all(events.map(publish));
    // Awaited below; a test that fails before then has its own reason.
    all.catch(() => undefined);
    return all;
  };
  const first = publishAll(published.slice(0, 25));
  await say(doctor, "Sent while the server died");
  await within(soon, "the message's arrival", isTaken);
  const rest = publishAll(published.slice(25));
  await server.kill();
  kill();
  // The event may have told of the message before the server was dead: then it is not shown as waiting, and is asked for again all the same.
  await doctor.locator('[data-unsent="waits"], [data-message]', { hasText: "Sent while the server died" }).first().waitFor();
  await picture(doctor, "messaging-killed");
  await server.run();
  await within(30_000, "the publishing of all events", Promise.all([first, rest]));
  await Promise.all([doctor, nurse].map(live));

  for (const page of [doctor, nurse]) {
    await page.locator("[data-message]", { hasText: "Sent while the server died" }).waitFor();
    await page.waitForFunction(() => document.querySelectorAll('[data-message^="killed-"]').length >= 50);
    await page.locator("[data-unsent]").waitFor({ state: "detached" });
    const ids = await page.locator('[data-message^="killed-"]').evaluateAll((all) => all.map((one) => one.getAttribute("data-message")));
    assert.deepEqual(ids, published.map(({ id }) => id), "each event once and in order");
    assert.equal(await page.getByText("Sent while the server died").count(), 1);
  }
  assert.ok(requests > 1, "the message was asked for again");
  await picture(doctor, "messaging-after");
  await Promise.all([doctor.context().close(), nurse.context().close()]);
});
