// Two people of one clinic at work, and somebody of another clinic who must notice none of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newClinic, people, Person } from "./clinic.mjs";

const limitMs = 200;

/** Runs an action and gives the time until its effect was seen, in milliseconds. */
async function timed(action, seen) {
  const start = performance.now();
  await Promise.all([seen(), action()]);
  return performance.now() - start;
}

async function workTogether(t, clinic) {
  const thread = `talk-${clinic}`;
  const patient = "patient-1";
  const [anna] = await people(t, clinic, "anna");
  const [other] = await people(t, newClinic("elsewhere"), "otto");
  await anna.subscribe("tenant");
  await other.subscribe("tenant");
  await other.subscribe(`patient:${patient}`);

  const times = {};
  const joined = anna.presence("tenant").until("ben online", (entries) => entries.has("ben"));
  const ben = await Person.connect(clinic, "ben");
  t.after(() => ben.leave());
  const start = performance.now();
  await joined;
  times.online = Math.max(0, performance.now() - start);
  await ben.subscribe("tenant");
  await ben.presence("tenant").until("anna online", (entries) => entries.get("anna")?.status === "active");

  const created = await anna.rest("POST", "/api/messaging", { id: thread, subject: "bed 4", participants: ["anna", "ben"] });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  for (const person of [anna, ben]) {
    await person.subscribe(`thread:${thread}`);
    await person.subscribe(`patient:${patient}`);
  }
  const onThread = anna.presence(`thread:${thread}`);
  await onThread.until("ben in the thread", (entries) => entries.has("ben"));
  times.typing = await timed(
    () => ben.call("StartTyping", thread),
    () => onThread.until("ben typing", (entries) => entries.get("ben")?.typing === true),
  );
  await ben.call("StopTyping", thread);
  await onThread.until("ben no longer typing", (entries) => !entries.get("ben")?.typing);

  const onChart = anna.presence(`patient:${patient}`);
  await anna.call("OpenChart", patient, null);
  times.chart = await timed(
    () => ben.call("OpenChart", patient, "round"),
    () => onChart.until("ben at the chart", (entries) => entries.has("ben")),
  );

  let granted;
  times.edit = await timed(
    async () => (granted = await ben.call("BeginEdit", patient, "vitals")),
    () => onChart.until("ben editing", (entries) => entries.get("ben")?.editing?.includes("vitals")),
  );
  assert.equal(granted.granted, true);
  assert.ok(granted.lease);
  await anna.events.next("edit:started", (event) => event.type === "edit:started" && event.data.section === "vitals");

  const refused = await anna.call("BeginEdit", patient, "vitals");
  assert.equal(refused.granted, false);
  assert.equal(refused.heldBy.user, "ben");

  await ben.call("EndEdit", patient, "vitals");
  await anna.events.next("edit:ended", (event) => event.type === "edit:ended");
  const now = await anna.call("BeginEdit", patient, "vitals");
  assert.equal(now.granted, true);

  // The stranger's own clinic answers them after all that: whatever was to leak had its time to.
  await other.call("OpenChart", patient, null);
  await other.presence(`patient:${patient}`).until("oneself at one's own chart", (entries) => entries.has("otto"));
  assert.deepEqual([...other.presence(`patient:${patient}`).entries.keys()], ["otto"]);
  assert.deepEqual([...other.presence("tenant").entries.keys()], ["otto"]);
  assert.deepEqual(other.events.items, []);
  assert.deepEqual(other.signals.items, []);
  return times;
}

test("Two users of one clinic see each other at work at once and another clinic sees none of it", async (t) => {
  // The first pass compiles the server's code; people judge the second.
  await workTogether(t, newClinic("first"));
  const times = await workTogether(t, newClinic("second"));
  t.diagnostic(`seen after ms: ${JSON.stringify(times, (_, value) => (typeof value === "number" ? Math.round(value * 10) / 10 : value))}`);
  for (const [what, ms] of Object.entries(times)) assert.ok(ms < limitMs, `${what} was seen after ${ms.toFixed(1)} ms, more than ${limitMs}`);
});

test("A user who closes the window leaves at once and one with a second window stays", async (t) => {
  const clinic = newClinic("windows");
  const [anna, benAtWork, benAtHome] = await people(t, clinic, "anna", "ben", "ben");
  await anna.subscribe("tenant");
  const online = anna.presence("tenant");
  await online.until("ben with two connections", (entries) => entries.get("ben")?.connections === 2);
  await benAtHome.leave();
  await online.until("ben with one connection", (entries) => entries.get("ben")?.connections === 1);
  await benAtWork.leave();
  await online.until("ben gone", (entries) => !entries.has("ben"), 2000);
});

test("A status is seen by the colleagues", async (t) => {
  const [anna, ben] = await people(t, newClinic("status"), "anna", "ben");
  await anna.subscribe("tenant");
  await ben.call("SetStatus", "busy");
  await anna.presence("tenant").until("ben busy", (entries) => entries.get("ben")?.status === "busy");
  await assert.rejects(ben.call("SetStatus", "reconnecting"), /invalid/);
});

test("An edit is taken over and the former holder is told", async (t) => {
  const [anna, ben] = await people(t, newClinic("takeover"), "anna", "ben");
  for (const person of [anna, ben]) {
    await person.subscribe("patient:p1");
    await person.call("OpenChart", "p1", null);
  }
  assert.equal((await ben.call("BeginEdit", "p1", "allergies")).granted, true);
  const taken = await anna.call("TakeOverEdit", "p1", "allergies");
  assert.equal(taken.granted, true);
  const ended = await ben.events.next("edit:ended", (event) => event.type === "edit:ended");
  assert.equal(ended.data.reason, "taken_over");
  assert.equal(ended.data.user, "ben");
  assert.equal(ended.data.by.user ?? ended.data.by, "anna");
  const started = await ben.events.next("edit:started of anna", (event) => event.type === "edit:started" && event.data.user === "anna");
  assert.equal(started.offset, ended.offset + 1);
});
