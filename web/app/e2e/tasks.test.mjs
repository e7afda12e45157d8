// A task that one person gives another.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openTab, openWindow, picture, signIn, timed, withinMs } from "./browser.mjs";
import { Server } from "./server.mjs";

let server, browser, admin, nurse;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
  // What is measured is a server that has done this before.
  await server.ask("POST", "/api/tasks", { title: "Of before", assignedTo: "desk-1" }, "admin-1");
  [admin, nurse] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
  await signIn(admin, "Admin Example", { path: "/tasks" });
  await signIn(nurse, "Nurse Example 2", { path: "/tasks" });
  await nurse.getByText("Nothing is to be done").waitFor();
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

const task = (page, title) => page.locator("[data-task]", { hasText: title });
const badge = (page) => page.getByRole("link", { name: /^Tasks/ }).locator("[data-badge]");

test("A new task comes to its assignee with a toast and a number, within a second", async (t) => {
  await admin.getByRole("button", { name: "New task" }).click();
  await admin.getByLabel("What is to be done").fill("Call the browser tests");
  await admin.getByLabel("Who does it").selectOption({ label: "Nurse Example 2" });
  const ms = await timed(
    admin,
    () => admin.getByRole("button", { name: "Make the task" }).click(),
    () => Promise.all([
      task(nurse, "Call the browser tests").waitFor(),
      badge(nurse).filter({ hasText: "1" }).waitFor(),
      nurse.getByRole("alert").filter({ hasText: "Task assigned to you" }).waitFor(),
    ]),
  );
  t.diagnostic(`assigned: ${ms} ms`);
  await picture(nurse, "task-assigned");
  assert.ok(ms < withinMs, `${ms} ms`);
});

test("A task that is given to somebody else leaves the number when it is seen", async () => {
  await task(nurse, "Call the browser tests").getByRole("button", { name: "Seen" }).click();
  await badge(nurse).waitFor({ state: "detached" });
  await task(nurse, "Call the browser tests").getByRole("button", { name: "Done" }).click();
  await nurse.getByText("Nothing is to be done").waitFor();
  await nurse.getByText("Done", { exact: true }).first().click();
  await task(nurse, "Call the browser tests").waitFor();
});

test("An urgent task that is assigned stays above every page of its assignee and is heard only if they want it", async () => {
  await nurse.evaluate(() => {
    globalThis.tones = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) {
      globalThis.tones++;
      return start.apply(this, when);
    };
  });
  const assign = (title) => server.ask("POST", "/api/tasks", { title, assignedTo: "nurse-2", priority: "urgent" }, "admin-1", { roles: ["admin"] });
  await assign("Without a sound");
  await nurse.locator("[data-urgent]", { hasText: "Without a sound" }).waitFor();
  assert.equal(await nurse.evaluate(() => globalThis.tones), 0);
  await nurse.getByRole("button", { name: /: menu$/ }).click();
  await nurse.getByRole("switch", { name: "Sound for what is urgent" }).click();
  await nurse.keyboard.press("Escape");
  const before = await nurse.evaluate(() => globalThis.tones);
  await assign("With a sound");
  await nurse.locator("[data-urgent]", { hasText: "With a sound" }).waitFor();
  assert.ok((await nurse.evaluate(() => globalThis.tones)) > before, "nothing was played");
});

test("A link to a task shows it", async () => {
  const { id } = await server.ask("POST", "/api/tasks", { title: "Look for me", priority: "low" });
  const page = await openTab(admin);
  await signIn(page, "Admin Example", { path: `/tasks/${id}` });
  await page.locator("[data-task][data-sought]", { hasText: "Look for me" }).waitFor();
  assert.deepEqual(page.faults, []);
});
