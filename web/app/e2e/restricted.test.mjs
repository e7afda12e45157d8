// A restricted chart: opened with a reason, seen by others, ended by itself, and in the access log.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, openBrowser, openWindow, picture, signIn } from "./browser.mjs";
import { Server } from "./server.mjs";

const lastsSeconds = 15;
let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start({ Charts__BreakGlassFor: `00:00:${lastsSeconds}` }), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

const officer = { name: "Privacy Officer Example", roles: ["privacy_officer"] };
const restrict = (patient, restricted) => server.ask("PATCH", `/api/patients/${patient}/restriction`, { restricted, careTeam: ["nurse-1"] }, "privacy-1", officer);

test("A restricted chart is opened with a reason that others see, ends by itself, and what was typed is kept", async () => {
  await restrict("patient-5", true);
  const [doctor, nurse] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
  await signIn(nurse, "Nurse Example 1", { path: "/patients/patient-5" });
  await nurse.locator('[data-section="vitals"]').waitFor();
  await signIn(doctor, "Dr. Example 1", { path: "/patients/patient-5" });
  await doctor.locator('[data-glass="restricted"]').waitFor();
  assert.equal(await doctor.locator("[data-section]").count(), 0);
  assert.equal(await nurse.locator('[data-viewer="provider-1"]').count(), 0);
  await doctor.getByLabel(/Why do you have to see/).fill("no");
  assert.ok(await doctor.getByRole("button", { name: "Open the chart" }).isDisabled());
  await doctor.getByLabel(/Why do you have to see/).fill("Emergency on the ward");
  await doctor.getByRole("button", { name: "Open the chart" }).click();
  await doctor.locator("[data-break-glass]").getByText("Emergency on the ward").waitFor();
  await nurse.locator('[data-viewer="provider-1"]').getByText("with a reason").waitFor();
  await picture(doctor, "restricted-open");
  await picture(nurse, "restricted-seen");
  await doctor.getByRole("button", { name: "Add to allergies" }).click();
  await doctor.getByRole("button", { name: "Edit anyway" }).click();
  await doctor.getByLabel("Substance").fill("Typed before the end");
  await doctor.locator('[data-glass="expired"]').waitFor({ timeout: (lastsSeconds + 10) * 1_000 });
  await nurse.locator('[data-viewer="provider-1"]').waitFor({ state: "detached" });
  assert.equal(await doctor.locator("[data-section]").count(), 0);
  await picture(doctor, "restricted-ended");
  await doctor.getByLabel(/Why do you have to see/).fill("It goes on");
  await doctor.getByRole("button", { name: "Open the chart" }).click();
  await doctor.locator("[data-break-glass]").getByText("It goes on").waitFor();
  assert.equal(await doctor.getByLabel("Substance").inputValue(), "Typed before the end");
  await Promise.all([doctor.context().close(), nurse.context().close()]);
});

test("A chart that is restricted while it is open is taken away; the log shows each opening to those who may see it", async () => {
  const [doctor, privacy] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
  await signIn(doctor, "Dr. Example 1", { path: "/patients/patient-6" });
  await doctor.locator('[data-section="vitals"]').waitFor();
  assert.equal(await doctor.getByRole("link", { name: "Access log" }).count(), 0);
  await signIn(privacy, "Privacy Officer Example", { path: "/patients/patient-6/access" });
  await privacy.locator('[data-access="provider-1"]').getByText("Open now").waitFor();
  await privacy.getByRole("switch").check();
  await privacy.getByRole("button", { name: "Save" }).click();
  await doctor.locator('[data-glass="taken"]').waitFor();
  await privacy.getByRole("button", { name: "Load again" }).click();
  await privacy.locator('[data-access="provider-1"]').getByText("the chart was restricted").waitFor();
  await picture(privacy, "access-log");
  await assertAccessible(privacy, "the access log");
  await assertAccessible(doctor, "a chart that was taken away");
  await Promise.all([doctor.context().close(), privacy.context().close()]);
});
