// A hundred events a second, as a busy clinic's: no window drops a frame for longer than 100 ms. CLINIC_LOAD_SECONDS says for how long, on each page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openWindow, signIn, soon } from "./browser.mjs";
import { frameMs, inWords, watchFrames } from "./measure.mjs";
import { Server, within } from "./server.mjs";

const seconds = Number(process.env.CLINIC_LOAD_SECONDS ?? 5);
const perSecond = 100;
/** Of a trace that is taken at once. */
const mostWatchedMs = 10_000;
/** With CLINIC_FRAME_MS=100, on a machine with nothing else to do, frames are held to it by the clock on the wall, and not by the page's own work alone. */
const wallMs = Number(process.env.CLINIC_FRAME_MS ?? Infinity);

let server, browser, page, appointments;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
  page = await openWindow(browser, server);
  appointments = await busyDay();
  await signIn(page, "Dr. Example 1", { path: `/schedule?date=${server.day}` });
});
after(async () => {
  await browser?.close();
  await server?.dispose();
});

/** Eight columns of twelve: what a large clinic has on one screen. */
async function busyDay() {
  const { items } = await server.ask("GET", `/api/appointments?date=${server.day}&limit=200`);
  const more = [];
  for (let column = 3; column <= 8; column++) {
    for (let at = 0; at < 12; at++) {
      more.push(server.ask("POST", "/api/appointments", {
        patientId: `patient-${1 + (at % 8)}`, providerId: `provider-${column}`, startsAt: `${server.day}T${String(8 + Math.floor(at * 0.75)).padStart(2, "0")}:${["00", "45", "30", "15"][at % 4]}:00Z`, durationMinutes: 30, reason: `Busy day ${column}-${at}`,
      }));
    }
    await Promise.all(more);
  }
  return [...items, ...(await Promise.all(more))];
}

const statuses = ["confirmed", "checked_in", "in_progress", "completed", "scheduled"];

/** The `number`th event of a clinic's day: most of appointments, many of charts, some to people. */
function eventOf(number) {
  // Mixed, so that each hundred has the same and none comes in a row.
  const kind = (number * 37) % 100;
  const now = new Date().toISOString();
  if (kind < 2) return { topic: "user:provider-1", type: "notification:new", data: { id: `load-${number}`, kind: "lab_result_ready", priority: kind ? "normal" : "high", title: `Result ${number}`, body: "Potassium 4.1 mmol/L", link: "/patients/patient-1", requiresAck: false } };
  if (kind < 4) return { topic: "user:provider-1", type: "unread:changed", data: { messages: number % 7, notifications: number % 5 } };
  if (kind < 6) return { topic: "thread:demo-thread-1", type: "message:new", data: { id: `load-${number}`, threadId: "demo-thread-1", sequence: 10_000 + number, author: "nurse-1", authorName: "Nurse Example 1", body: `Message ${number}`, sentAt: now, readBy: [] } };
  if (kind < 26) return { topic: "patient:patient-1", type: "vitals:updated", data: { patientId: "patient-1", systolic: 110 + (number % 30), diastolic: 80, heartRate: 60 + (number % 40), temperature: 36.8, oxygenSaturation: 98, weight: 70, updatedBy: "nurse-1", updatedAt: now, version: 1_000 + number } };
  const at = number % appointments.length;
  const one = appointments[at];
  if (kind === 26) return { topic: "tenant", type: "patient:checked_in", data: { appointmentId: one.id, patientId: one.patientId, providerId: one.providerId, startsAt: one.startsAt, at: now } };
  const startsAt = number % 10 === 0 ? new Date(Date.parse(one.startsAt) + 300_000 * (number % 3)).toISOString() : one.startsAt;
  appointments[at] = { ...one, startsAt, status: statuses[number % statuses.length], updatedAt: now, version: one.version + 1 };
  return { topic: "tenant", type: "appointment:updated", data: appointments[at] };
}

let published = 0;

/** Publishes at the rate, whatever the answers take, until it is ended. */
function publishing() {
  const started = Date.now();
  const first = published;
  const answers = [];
  const timer = setInterval(() => {
    while (published - first < ((Date.now() - started) / 1_000) * perSecond) answers.push(server.publish(eventOf(published++)));
  }, 20);
  return async () => {
    clearInterval(timer);
    const perSecondReally = (published - first) / ((Date.now() - started) / 1_000);
    await within(soon, "the answers to all that was published", Promise.all(answers));
    return perSecondReally;
  };
}

async function underLoad(t, what) {
  const end = publishing();
  const all = { frames: [], own: [], tasks: [], longTasks: 0 };
  let rate;
  try {
    for (let left = seconds * 1_000; left > 0; left -= mostWatchedMs) {
      const stop = await watchFrames(browser, page);
      await new Promise((over) => setTimeout(over, Math.min(left, mostWatchedMs)));
      const seen = await stop();
      for (const name of ["frames", "own", "tasks"]) all[name].push(...seen[name]);
      all.longTasks += seen.longTasks;
    }
  } finally {
    rate = await end();
  }
  t.diagnostic(`${what}, ${rate.toFixed(0)} events/s for ${seconds} s: frames ${inWords(all.frames)}`);
  t.diagnostic(`${what}: of that the page's own work ${inWords(all.own)}; its longest task ${Math.max(...all.tasks).toFixed(0)} ms, ${all.longTasks} long tasks; busy ${((100 * all.own.reduce((a, b) => a + b, 0)) / all.frames.reduce((a, b) => a + b, 0)).toFixed(0)} %`);
  assert.ok(rate > perSecond * 0.9, `only ${rate.toFixed(0)} events/s were sent`);
  assert.ok(all.frames.length > 0, "the page drew nothing");
  assert.ok(Math.max(...all.own) < frameMs, `the page worked ${Math.max(...all.own).toFixed(0)} ms between two frames`);
  assert.ok(Math.max(...all.frames) < wallMs, `${Math.max(...all.frames).toFixed(0)} ms between two frames`);
}

/** The last of what was published is on the screen: it was not drawn smoothly by not being drawn. */
async function arrived(event, seen) {
  await server.publish(event);
  const published = Date.now();
  await seen.waitFor();
  return Date.now() - published;
}

test("The schedule stays smooth under a hundred events a second", async (t) => {
  await page.locator("[data-appointment]").nth(80).waitFor();
  await underLoad(t, "schedule");
  const last = { ...appointments[0], reason: "The last of the load", version: appointments[0].version + 1 };
  const ms = await arrived({ topic: "tenant", type: "appointment:updated", data: last }, page.locator(`[data-appointment="${last.id}"]`, { hasText: "The last of the load" }));
  t.diagnostic(`schedule, the last event: ${ms} ms`);
});

test("An open chart stays smooth under a hundred events a second", async (t) => {
  await page.goto("/patients/patient-1");
  await page.locator('[data-section="vitals"]').waitFor();
  await underLoad(t, "chart");
  const vitals = { patientId: "patient-1", systolic: 199, diastolic: 80, heartRate: 60, temperature: 36.8, oxygenSaturation: 98, weight: 70, updatedBy: "nurse-1", updatedAt: new Date().toISOString(), version: 1_000_000 };
  const ms = await arrived({ topic: "patient:patient-1", type: "vitals:updated", data: vitals }, page.locator('[data-section="vitals"]', { hasText: "199" }));
  t.diagnostic(`chart, the last event: ${ms} ms`);
  assert.deepEqual(page.faults, []);
});
