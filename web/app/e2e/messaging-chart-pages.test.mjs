// Messages and charts in light, dark and at a phone's width, in use: pictures of what is on show are kept, and axe finds nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, openBrowser, openWindow, picture, signIn } from "./browser.mjs";
import { looks } from "./looks.mjs";
import { Server } from "./server.mjs";

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

for (const [index, { look, size, colors }] of looks.entries()) {
  const patient = `patient-${index + 1}`;
  const seen = async (page, name) => {
    await picture(page, `${name}-${look}`);
    await assertAccessible(page, `${name}, ${look}`);
  };

  test(`Messages are accessible and complain about nothing: ${look}`, async () => {
    const [doctor, nurse] = await Promise.all([openWindow(browser, server, { size, colors }), openWindow(browser, server)]);
    await signIn(doctor, "Dr. Example 1", { path: "/messages" });
    await signIn(nurse, "Nurse Example 1", { path: "/messages/demo-thread-1" });
    await doctor.locator('[data-thread="demo-thread-1"]').waitFor();
    await seen(doctor, "messages");
    await doctor.locator('[data-thread="demo-thread-1"]').click();
    await doctor.locator('[data-here="nurse-1"]').waitFor();
    const composer = doctor.getByRole("textbox", { name: /^Message in/ });
    await composer.fill(`Seen in ${look}`);
    await composer.press("Enter");
    await doctor.locator("[data-message]", { hasText: `Seen in ${look}` }).getByText("Read by Nurse Example 1").waitFor();
    await nurse.getByRole("textbox", { name: /^Message in/ }).pressSequentially("Thank you");
    await doctor.getByText("Nurse Example 1 is typing").waitFor();
    await seen(doctor, "thread");
    assert.deepEqual([doctor.faults, nurse.faults], [[], []]);
    await Promise.all([doctor.context().close(), nurse.context().close()]);
  });

  test(`Charts are accessible and complain about nothing: ${look}`, async () => {
    const [doctor, nurse] = await Promise.all([openWindow(browser, server, { size, colors }), openWindow(browser, server, { size, colors })]);
    await signIn(nurse, "Nurse Example 1", { path: `/patients/${patient}` });
    await signIn(doctor, "Dr. Example 1", { path: "/patients" });
    await doctor.locator(`[data-patient="${patient}"]`).waitFor();
    await seen(doctor, "patients");
    await doctor.locator(`[data-patient="${patient}"]`).click();
    await doctor.locator('[data-viewer="nurse-1"]').waitFor();
    await nurse.getByRole("button", { name: "Add to allergies" }).click();
    await nurse.locator("[data-warning]").waitFor();
    await seen(nurse, "chart-warning");
    await nurse.getByRole("button", { name: "Edit anyway" }).click();
    await nurse.getByLabel("Substance").fill("Latex");
    await doctor.locator('[data-viewer="nurse-1"][data-editing="allergies"]').waitFor();
    await seen(doctor, "chart");
    await doctor.getByRole("button", { name: "Edit vitals" }).click();
    await doctor.getByRole("button", { name: "Edit anyway" }).click();
    await doctor.getByLabel("Systolic, mmHg").fill("900");
    await doctor.getByText("From 20 to 350").waitFor();
    await seen(doctor, "chart-edit");
    await doctor.getByRole("button", { name: "Ask for allergies" }).click();
    await nurse.locator('[data-asked="provider-1"]').waitFor();
    await seen(nurse, "chart-asked");
    await doctor.getByRole("button", { name: "Take over allergies" }).click();
    await doctor.locator('[data-held="nurse-1"]').waitFor();
    await seen(doctor, "chart-held");
    await doctor.getByRole("button", { name: "Take over", exact: true }).click();
    await nurse.locator("[data-lost]").waitFor();
    await seen(nurse, "chart-lost");
    assert.deepEqual([doctor.faults, nurse.faults], [[], []]);
    await Promise.all([doctor.context().close(), nurse.context().close()]);
  });

  test(`The access log is accessible and complains about nothing: ${look}`, async () => {
    const [nurse, privacy] = await Promise.all([openWindow(browser, server), openWindow(browser, server, { size, colors })]);
    await signIn(nurse, "Nurse Example 1", { path: "/patients/patient-8" });
    await nurse.locator('[data-section="vitals"]').waitFor();
    await signIn(privacy, "Privacy Officer Example", { path: "/patients/patient-8/access" });
    await privacy.locator('[data-access="nurse-1"]').first().waitFor();
    await seen(privacy, "access");
    assert.deepEqual([nurse.faults, privacy.faults], [[], []]);
    await Promise.all([nurse.context().close(), privacy.context().close()]);
  });
}
