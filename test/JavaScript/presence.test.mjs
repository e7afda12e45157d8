// Presence as colleagues see it: one entry a user, what it shows, and when it changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newClinic, people, Person } from "./clinic.mjs";

const is = (status, connections) => (entries) => entries.get("ben")?.status === status && entries.get("ben").connections === connections;

test("An entry shows the first status of busy, active, away and hidden that a live connection has", async (t) => {
  const clinic = newClinic("statuses");
  const [anna, one, two, three] = await people(t, clinic, "anna", "ben", "ben", "ben");
  await anna.subscribe("tenant");
  const seen = anna.presence("tenant");
  await seen.until("ben active in three windows", is("active", 3));
  for (const window of [one, two, three]) await window.call("SetStatus", "hidden");
  await seen.until("ben hidden", is("hidden", 3));
  await one.call("SetStatus", "away");
  await seen.until("away goes before hidden", is("away", 3));
  await two.call("SetStatus", "active");
  await seen.until("active goes before away", is("active", 3));
  await three.call("SetStatus", "busy");
  await seen.until("busy goes before active", is("busy", 3));
  await three.leave();
  await seen.until("what the others have", is("active", 2));
  await two.leave();
  await seen.until("what the last one has", is("away", 1));
});

test("An entry has the shape of the contract, without what is empty", async (t) => {
  const clinic = newClinic("shape");
  const [anna] = await people(t, clinic, "anna");
  const ben = await Person.connect(clinic, "ben", { roles: ["nurse", "admin"] });
  t.after(() => ben.leave());
  await anna.subscribe("tenant");
  await anna.presence("tenant").until("ben", (entries) => entries.has("ben"));
  const entry = anna.presence("tenant").entries.get("ben");
  assert.deepEqual(Object.keys(entry), ["user", "name", "role", "status", "connections", "since"]);
  assert.deepEqual({ ...entry, since: 0 }, { user: "ben", name: `ben of ${clinic}`, role: "nurse", status: "active", connections: 1, since: 0 });
  assert.match(entry.since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);

  const asked = await anna.rest("GET", "/api/presence");
  assert.deepEqual(Object.keys(asked.body), ["epoch", "version", "entries"]);
  assert.deepEqual(asked.body.entries.map(({ user }) => user).sort(), ["anna", "ben"]);
});

test("A broken connection is reconnecting and then gone, and its return hides that", async (t) => {
  const clinic = newClinic("broken");
  const [anna] = await people(t, clinic, "anna");
  await anna.subscribe("tenant");
  const seen = anna.presence("tenant");
  const cut = async () => {
    const ben = await Person.connect(clinic, "ben");
    await seen.until("ben there", is("active", 1));
    ben.connection.connection.transport._webSocket.terminate();
  };
  await cut();
  await seen.until("ben reconnecting", is("reconnecting", 0));
  await seen.until("ben gone", (entries) => !entries.has("ben"), 10_000);
  await cut();
  await seen.until("ben reconnecting again", is("reconnecting", 0));
  const [back] = await people(t, clinic, "ben");
  await seen.until("ben back", is("active", 1));
  await back.call("SetStatus", "busy");
  await seen.until("ben busy", is("busy", 1));
});

test("Typing ends by itself six seconds after its last sign and shows on the thread alone", async (t) => {
  const clinic = newClinic("typing");
  const [anna, ben, carl] = await people(t, clinic, "anna", "ben", "carl");
  const thread = (await anna.rest("POST", "/api/messaging", { subject: "s", participants: ["ben", "carl"] })).body.id;
  for (const topic of ["tenant", `thread:${thread}`]) await anna.subscribe(topic);
  await ben.subscribe(`thread:${thread}`);
  const seen = anna.presence(`thread:${thread}`);
  await seen.until("ben in the thread", (entries) => entries.has("ben"));
  await ben.call("StartTyping", thread);
  // Carl has not subscribed: he is in the thread while he types.
  await carl.call("StartTyping", thread);
  const start = performance.now();
  await seen.until("both typing", (entries) => entries.get("ben")?.typing === true && entries.get("carl")?.typing === true);
  await seen.until("ben no longer typing", (entries) => entries.has("ben") && !("typing" in entries.get("ben")), 8000);
  const after = performance.now() - start;
  assert.ok(after > 5500 && after < 7500, `typing ended after ${after} ms`);
  await seen.until("carl gone from the thread", (entries) => !entries.has("carl"));
  assert.deepEqual([...anna.presence("tenant").entries.values()].filter((entry) => "typing" in entry), []);
});

test("A thread is left by unsubscribing, a chart is not joined by subscribing", async (t) => {
  const clinic = newClinic("join");
  const [anna, ben] = await people(t, clinic, "anna", "ben");
  const thread = (await anna.rest("POST", "/api/messaging", { subject: "s", participants: ["ben"] })).body.id;
  for (const person of [anna, ben]) for (const topic of [`thread:${thread}`, "patient:p1"]) await person.subscribe(topic);
  await anna.presence(`thread:${thread}`).until("ben in the thread", (entries) => entries.has("ben"));
  await ben.call("Unsubscribe", `thread:${thread}`);
  await anna.presence(`thread:${thread}`).until("ben left the thread", (entries) => !entries.has("ben"));
  await ben.call("OpenChart", "p1", "ward round");
  await anna.presence("patient:p1").until("ben at the chart", (entries) => entries.get("ben")?.viewing);
  const { viewing } = anna.presence("patient:p1").entries.get("ben");
  assert.equal(viewing.reason, "ward round");
  assert.deepEqual([...anna.presence("patient:p1").entries.keys()], ["ben"]);
  assert.deepEqual((await ben.call("CloseChart", "p1")).viewers, []);
  await anna.presence("patient:p1").until("nobody at the chart", (entries) => entries.size === 0);
});

test("Who unsubscribed from the clinic is still online in it", async (t) => {
  const [anna, ben] = await people(t, newClinic("online"), "anna", "ben");
  for (const person of [anna, ben]) await person.subscribe("tenant");
  await ben.call("Unsubscribe", "tenant");
  await ben.call("SetStatus", "busy");
  await anna.presence("tenant").until("ben busy", (entries) => entries.get("ben")?.status === "busy");
});
