// Two users on one chart.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openTab, openWindow, picture, signIn } from "./browser.mjs";
import { Server } from "./server.mjs";

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

const section = (page, name) => page.locator(`[data-section="${name}"]`);

async function openChart(page, name, patient) {
  await signIn(page, name, { path: `/patients/${patient}` });
  await page.locator('[data-section="vitals"]').waitFor();
}

/** Both on one chart, which the other sees. */
async function both(patient) {
  const [doctor, nurse] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
  await openChart(doctor, "Dr. Example 1", patient);
  await openChart(nurse, "Nurse Example 1", patient);
  await doctor.locator('[data-viewer="nurse-1"]').waitFor();
  await nurse.locator('[data-viewer="provider-1"]').waitFor();
  return [doctor, nurse];
}

async function edit(page, name, action = "Edit") {
  await page.getByRole("button", { name: `${action} ${name}` }).click();
  await page.locator("[data-warning]").waitFor();
  await page.getByRole("button", { name: "Edit anyway" }).click();
  await page.locator(`[data-section="${name}"][data-edit="held"]`).waitFor();
}

test("A patient is found by a part of the name and chosen with the keyboard alone", async () => {
  const page = await openWindow(browser, server);
  await signIn(page, "Nurse Example 1", { path: "/patients" });
  await page.getByLabel("Find a patient").fill("sample 4");
  await page.getByText("1 patient", { exact: true }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Patient Sample 4" }).waitFor();
  await page.locator('[data-section="vitals"]').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("Two users see each other, are warned before they edit, and see at once what is saved", async () => {
  const [doctor, nurse] = await both("patient-1");
  await nurse.getByRole("button", { name: "Edit vitals" }).click();
  await nurse.locator("[data-warning]").getByText("Dr. Example 1 reads").waitFor();
  await picture(nurse, "chart-warning");
  await nurse.getByRole("button", { name: "Edit anyway" }).click();
  await doctor.locator('[data-viewer="nurse-1"][data-editing="vitals"]').waitFor();
  await section(doctor, "vitals").getByText("Nurse Example 1 edits").waitFor();
  await picture(doctor, "chart-edited-by-another");
  await nurse.getByLabel("Systolic, mmHg").fill("141");
  await section(nurse, "vitals").getByRole("button", { name: "Save" }).click();
  await doctor.locator('[data-sign="pressure"]').getByText("141/80").waitFor();
  await doctor.locator('[data-viewer="nurse-1"]:not([data-editing])').waitFor();

  await edit(nurse, "allergies", "Add to");
  await nurse.getByLabel("Substance").fill("Latex");
  await section(nurse, "allergies").getByRole("button", { name: "Save" }).click();
  await section(doctor, "allergies").getByText("Latex").waitFor();
  await edit(doctor, "medications", "Add to");
  await doctor.getByRole("textbox", { name: /^Medication/ }).fill("Sample drops");
  await doctor.getByLabel("Dose").fill("5 ml");
  await section(doctor, "medications").getByRole("button", { name: "Save" }).click();
  await section(nurse, "medications").getByText("Sample drops").waitFor();

  await nurse.goto("/schedule");
  await doctor.locator('[data-viewer="nurse-1"]').waitFor({ state: "detached" });
  assert.deepEqual([doctor.faults, nurse.faults], [[], []]);
  await Promise.all([doctor.context().close(), nurse.context().close()]);
});

test("The second can't save into the first's section; taken over, what was typed stays and can be saved when it is got back", async () => {
  const [doctor, nurse] = await both("patient-2");
  await edit(nurse, "vitals");
  await nurse.getByLabel("Heart rate, /min").fill("99");
  await section(doctor, "vitals").getByText("Nurse Example 1 edits").waitFor();
  assert.equal(await doctor.getByRole("button", { name: "Edit vitals" }).count(), 0);
  await assert.rejects(
    server.ask("PATCH", "/api/patients/patient-2/vitals", { heartRate: 50 }, "provider-1", { name: "Dr. Example 1", roles: ["provider"] }),
    /409.*Nurse Example 1/s,
  );

  await doctor.getByRole("button", { name: "Take over vitals" }).click();
  await doctor.locator('[data-held="nurse-1"]').waitFor();
  await picture(doctor, "chart-take-over");
  await doctor.getByRole("button", { name: "Take over", exact: true }).click();
  await doctor.locator('[data-section="vitals"][data-edit="held"]').waitFor();
  await section(nurse, "vitals").getByText("Dr. Example 1 took over vitals").waitFor();
  await picture(nurse, "chart-lost");
  assert.equal(await nurse.getByLabel("Heart rate, /min").inputValue(), "99");
  assert.ok(await section(nurse, "vitals").getByRole("button", { name: "Save" }).isDisabled());

  await doctor.getByLabel("Heart rate, /min").fill("77");
  await section(doctor, "vitals").getByRole("button", { name: "Save" }).click();
  await section(nurse, "vitals").getByText("Changed meanwhile: now 77").waitFor();
  await nurse.getByRole("button", { name: "Edit again" }).click();
  await section(nurse, "vitals").getByRole("button", { name: "Save" }).click();
  await doctor.locator('[data-sign="heartRate"]').getByText("99").waitFor();
  await Promise.all([doctor.context().close(), nurse.context().close()]);
});

test("Who edits is asked for the section, keeps it once, and saves and hands it over the second time", async () => {
  const [doctor, nurse] = await both("patient-3");
  await edit(nurse, "allergies", "Add to");
  await nurse.getByLabel("Substance").fill("Pollen");
  await doctor.getByRole("button", { name: "Ask for allergies" }).click();
  await section(doctor, "allergies").getByText("You asked for it").waitFor();
  await nurse.locator('[data-asked="provider-1"]').getByRole("button", { name: "Not now" }).click();
  await doctor.getByText("Nurse Example 1 keeps allergies").waitFor();
  await doctor.getByRole("button", { name: "Ask for allergies" }).click();
  await picture(nurse, "chart-asked");
  await nurse.locator('[data-asked="provider-1"]').getByRole("button", { name: "Save and hand over" }).click();
  await doctor.locator('[data-section="allergies"][data-edit="held"]').waitFor();
  await section(doctor, "allergies").getByText("Pollen").waitFor();
  await section(nurse, "allergies").getByText("Dr. Example 1 edits").waitFor();
  assert.deepEqual([doctor.faults, nurse.faults], [[], []]);
  await Promise.all([doctor.context().close(), nurse.context().close()]);
});

test("A write that is refused names the holder, and two windows of one user are one viewer", async () => {
  const [doctor, nurse] = await both("patient-4");
  await edit(nurse, "medications", "Add to");
  const second = await openTab(nurse);
  await openChart(second, "Nurse Example 1", "patient-4");
  await nurse.getByRole("textbox", { name: /^Medication/ }).fill("Sample syrup");
  await nurse.getByLabel("Dose").fill("1 ml");
  // The answer reaches the window before the news that the section was taken over.
  await nurse.route("**/api/patients/patient-4/medications", (route) =>
    route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify({ code: "conflict", detail: "held", heldBy: { user: "provider-1", name: "Dr. Example 1", since: new Date().toISOString() } }) }),
  );
  await section(nurse, "medications").getByRole("button", { name: "Save" }).click();
  await nurse.locator("[data-refused]").getByText(/Dr\. Example 1 has edited this section since/).waitFor();
  assert.equal(await nurse.getByRole("textbox", { name: /^Medication/ }).inputValue(), "Sample syrup");
  assert.equal(await doctor.locator('[data-viewer="nurse-1"]').count(), 1);
  await Promise.all([doctor.context().close(), nurse.context().close()]);
});

test("What was typed is not lost by leaving without meaning to", async () => {
  const page = await openWindow(browser, server);
  await openChart(page, "Nurse Example 1", "patient-1");
  await page.getByRole("button", { name: "Add to allergies" }).click();
  await page.getByLabel("Substance").fill("Half typed");
  await page.getByRole("link", { name: "Tasks" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stay" }).click();
  assert.equal(await page.getByLabel("Substance").inputValue(), "Half typed");
  await page.getByRole("link", { name: "Tasks" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
  await page.getByRole("heading", { name: "Tasks" }).waitFor();
  await page.context().close();
});
