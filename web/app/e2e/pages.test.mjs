// Every page in light, dark and at a phone's width: a picture of it is kept, and axe finds nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, live, openBrowser, openWindow, picture, signIn } from "./browser.mjs";
import { looks } from "./looks.mjs";
import { Server } from "./server.mjs";

const pages = [
  { name: "schedule", path: () => `/schedule?date=${server.day}`, seen: (page) => page.locator("[data-appointment]").first() },
  { name: "tasks", path: "/tasks", seen: (page) => page.locator("[data-task]").first(), before: (page) => page.getByText("All open", { exact: true }).click() },
  { name: "notifications", path: "/notifications", seen: (page) => page.locator("[data-notification]").first() },
  { name: "order", path: "/orders/demo-order-1", seen: (page) => page.getByText("sample x-ray").first() },
  { name: "lost", path: "/nowhere", seen: (page) => page.getByText("There is no such page") },
];

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

for (const { look, size, colors } of looks) {
  test(`Every page is accessible and complains about nothing: ${look}`, async () => {
    const page = await openWindow(browser, server, { size, colors });
    await page.goto("/");
    await page.getByRole("region", { name: "Sample Clinic North" }).waitFor();
    await picture(page, `sign-in-${look}`);
    await assertAccessible(page, "sign-in");
    await signIn(page, "Dr. Example 1");
    for (const { name, path, seen, before } of pages) {
      await page.goto(typeof path === "function" ? path() : path);
      await live(page);
      await before?.(page);
      await seen(page).waitFor();
      await picture(page, `${name}-${look}`);
      await assertAccessible(page, name);
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

for (const { look, size, colors } of looks) {
  test(`Dialogs and menus are accessible: ${look}`, async () => {
    const page = await openWindow(browser, server, { size, colors });
    await signIn(page, "Front Desk Example", { path: `/schedule?date=${server.day}` });
    await page.locator("[data-appointment]").first().click();
    await page.getByRole("dialog").waitFor();
    await picture(page, `appointment-${look}`);
    await assertAccessible(page, "an appointment");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "New appointment" }).click();
    await page.getByLabel("Reason").waitFor();
    await picture(page, `appointment-new-${look}`);
    await assertAccessible(page, "a new appointment");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /: menu$/ }).click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await picture(page, `menu-${look}`);
    await assertAccessible(page, "the menu");
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}
