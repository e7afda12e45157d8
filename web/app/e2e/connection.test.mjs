// The indicator tells every state truly.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { live, openBrowser, openBrowserProcess, openTab, openWindow, picture, signIn } from "./browser.mjs";
import { Server } from "./server.mjs";

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

const is = (page, status, text = "") => page.locator(`[role="status"][data-status="${status}"]`, { hasText: text }).waitFor();

test("Signing in connects and signing out disconnects", async () => {
  const [nurse, desk] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
  await signIn(nurse, "Nurse Example 1");
  await signIn(desk, "Front Desk Example");
  await nurse.locator('[data-user="desk-1"]').waitFor();
  await desk.getByRole("button", { name: /: menu$/ }).click();
  await desk.getByRole("button", { name: "Sign out" }).click();
  await desk.getByRole("heading", { name: "Sign in" }).waitFor();
  await nurse.locator('[data-user="desk-1"]').waitFor({ state: "detached" });
  assert.deepEqual([nurse.faults, desk.faults], [[], []]);
  await Promise.all([nurse.context().close(), desk.context().close()]);
});

test("A third user joins and leaves before a colleague's eyes, and one whose browser is killed is gone within 10 s", async (t) => {
  const nurse = await openWindow(browser, server);
  const other = await openBrowserProcess();
  try {
    await signIn(nurse, "Nurse Example 1");
    const [desk, doctor] = await Promise.all([openWindow(browser, server), openWindow(other.browser, server)]);
    const entry = (user) => nurse.locator(`[data-user="${user}"]`);
    const online = (count) => nurse.getByRole("heading", { name: `Online (${count})` }).waitFor();
    await online(1);
    await signIn(desk, "Front Desk Example");
    await entry("desk-1").getByText("available").waitFor();
    await online(2);
    await signIn(doctor, "Dr. Example 1");
    await entry("provider-1").getByText("available").waitFor();
    await online(3);
    await picture(nurse, "online");
    await desk.getByRole("button", { name: /: menu$/ }).click();
    await desk.getByRole("button", { name: "Sign out" }).click();
    await entry("desk-1").waitFor({ state: "detached" });
    await online(2);
    const killed = Date.now();
    other.kill();
    await entry("provider-1").waitFor({ state: "detached" });
    const ms = Date.now() - killed;
    await online(1);
    t.diagnostic(`gone after its browser was killed: ${ms} ms`);
    assert.ok(ms < 10_000, `${ms} ms`);
    assert.deepEqual(nurse.faults, []);
    await Promise.all([nurse.context().close(), desk.context().close()]);
  } finally {
    other.kill();
  }
});

test("Two tabs of one profile share the connection, and are one entry with one connection", async () => {
  const [first, nurse] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
  await signIn(first, "Front Desk Example");
  const second = await openTab(first);
  await signIn(second, "Front Desk Example");
  await signIn(nurse, "Nurse Example 1");
  await nurse.locator('[data-user="desk-1"]').waitFor();
  const { entries } = await server.ask("GET", "/api/presence");
  assert.equal(entries.find(({ user }) => user === "desk-1").connections, 1);
  await first.close();
  await second.getByRole("link", { name: /^Tasks/ }).click();
  await live(second);
  assert.equal(await nurse.locator('[data-user="desk-1"]').count(), 1);
  await Promise.all([second.context().close(), nurse.context().close()]);
});

test("The network goes and comes back", async () => {
  const page = await openWindow(browser, server, { sharing: false });
  await signIn(page, "Nurse Example 1");
  await page.context().setOffline(true);
  await is(page, "offline", "no network");
  await picture(page, "offline");
  await page.context().setOffline(false);
  await live(page);
  await page.context().close();
});

test("The server stops and starts", async () => {
  const page = await openWindow(browser, server);
  await signIn(page, "Nurse Example 1");
  await server.stop();
  await is(page, "reconnecting");
  await picture(page, "reconnecting");
  await server.run();
  await live(page);
  await page.context().close();
});

test("A token that is refused, and one of a short life", async () => {
  const page = await openWindow(browser, server);
  const signInWith = async (token) => {
    await page.goto("/");
    await page.getByRole("button", { name: "Sign in with a token instead" }).click();
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  };
  const good = await server.token("nurse-1", { name: "Nurse Example 1", roles: ["nurse"] });
  await signInWith(good.replace(/\.[^.]*$/, ".c2lnbmVkIGJ5IG5vYm9keQ"));
  await is(page, "unauthorized", "refused");
  await picture(page, "unauthorized");
  await page.getByRole("button", { name: /: menu$/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await signInWith(await server.token("nurse-1", { name: "Nurse Example 1", roles: ["nurse"], expiresInSeconds: 6 }));
  await live(page);
  await is(page, "unauthorized");
  await page.context().close();
});

test("A token of another clinic than the page believes", async () => {
  const page = await openWindow(browser, server);
  await page.goto("/");
  const token = await server.token("nurse-1", { tenant: "demo-south", roles: ["nurse"] });
  await page.evaluate((other) => {
    sessionStorage.setItem("clinic.signed-in", JSON.stringify({ tenant: "demo-north", clinic: "Sample Clinic North", user: "nurse-1", name: "Nurse Example 1", roles: ["nurse"], token: other }));
  }, token);
  await page.reload();
  await is(page, "unauthorized", "another clinic");
  await page.context().close();
});
