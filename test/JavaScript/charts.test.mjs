// Charts: who looks, who edits, and what is on record of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newClinic, people, Person, refusal } from "./clinic.mjs";

const edits = (person) => person.events.items.filter(({ type }) => type.startsWith("edit:")).map(({ type, data }) => [type, data]);
const ended = (person, reason) => person.events.next(`edit:ended ${reason}`, ({ type, data }) => type === "edit:ended" && data.reason === reason, 12_000);

async function atTheChart(t, name, ...users) {
  const present = await people(t, newClinic(name), ...users);
  for (const person of present) {
    await person.subscribe("patient:p1");
    await person.call("OpenChart", "p1", null);
  }
  return present;
}

test("An edit's answer has the holder's lease or the holder", async (t) => {
  const [anna, ben, benToo] = await atTheChart(t, "answers", "anna", "ben", "ben");
  const mine = await ben.call("BeginEdit", "p1", "vitals");
  assert.deepEqual(Object.keys(mine), ["granted", "lease", "heldBy"]);
  assert.equal(mine.granted, true);
  assert.equal(typeof mine.lease, "string");
  const again = await ben.call("BeginEdit", "p1", "vitals");
  assert.deepEqual(again, mine);
  for (const other of [anna, benToo]) {
    const refused = await other.call("BeginEdit", "p1", "vitals");
    assert.equal(refused.granted, false);
    assert.equal(refused.lease, null);
    assert.deepEqual(Object.keys(refused.heldBy), ["user", "name", "since"]);
    assert.equal(refused.heldBy.user, "ben");
    assert.match(refused.heldBy.name, /^ben of /);
    assert.ok(!Number.isNaN(Date.parse(refused.heldBy.since)));
    // What one does not hold one can't end.
    await other.call("EndEdit", "p1", "vitals");
  }
  assert.equal((await anna.call("BeginEdit", "p1", "vitals")).granted, false);
  assert.equal((await anna.call("BeginEdit", "p1", "a section of our own")).granted, true);
});

test("Beginning, taking over and ending are told in order with their reasons", async (t) => {
  const [anna, ben] = await atTheChart(t, "order", "anna", "ben");
  await ben.call("BeginEdit", "p1", "vitals");
  const taken = await anna.call("TakeOverEdit", "p1", "vitals");
  assert.equal(taken.granted, true);
  await anna.call("EndEdit", "p1", "vitals");
  await ended(ben, "ended");
  const clinic = ben.tenant;
  assert.deepEqual(edits(ben), [
    ["edit:started", { section: "vitals", user: "ben", name: `ben of ${clinic}` }],
    ["edit:ended", { section: "vitals", user: "ben", reason: "taken_over", by: "anna" }],
    ["edit:started", { section: "vitals", user: "anna", name: `anna of ${clinic}` }],
    ["edit:ended", { section: "vitals", user: "anna", reason: "ended", by: "anna" }],
  ]);
  // Nobody holds it: taking over is beginning, and ending again is nothing.
  await anna.call("EndEdit", "p1", "vitals");
  assert.equal((await anna.call("TakeOverEdit", "p1", "vitals")).granted, true);
});

test("Closing the chart, leaving and breaking off end the edit, each with its reason", async (t) => {
  const [anna, ben, carl, dora] = await atTheChart(t, "ends", "anna", "ben", "carl", "dora");
  await ben.call("BeginEdit", "p1", "vitals");
  await anna.presence("patient:p1").until("ben editing", (entries) => entries.get("ben")?.editing?.[0] === "vitals");
  await ben.call("CloseChart", "p1");
  assert.equal((await ended(anna, "ended")).data.user, "ben");
  await carl.call("BeginEdit", "p1", "allergies");
  await carl.leave();
  await anna.events.next("carl's edit ended", ({ type, data }) => type === "edit:ended" && data.user === "carl");
  await dora.call("BeginEdit", "p1", "medications");
  dora.connection.connection.transport._webSocket.terminate();
  assert.equal((await ended(anna, "connection_lost")).data.user, "dora");
  await anna.presence("patient:p1").until("anna alone", (entries) => entries.size === 1 && !("editing" in entries.get("anna")));
});

test("The access log names who had the chart open, from when to when and how it closed", async (t) => {
  const clinic = newClinic("log");
  const [ben] = await people(t, clinic, "ben");
  const officer = await Person.connect(clinic, "olga", { roles: ["privacy_officer"] });
  t.after(() => officer.leave());
  await ben.call("OpenChart", "p1", "ward round");
  const log = async (query = "") => (await officer.rest("GET", `/api/patients/p1/access-log${query}`)).body;
  const [open] = (await log()).items;
  assert.deepEqual(Object.keys(open), ["user", "name", "reason", "openedAt", "closedAt", "closedBy"]);
  assert.deepEqual({ ...open, openedAt: 0 }, { user: "ben", name: `ben of ${clinic}`, reason: "ward round", openedAt: 0, closedAt: null, closedBy: null });
  await ben.call("CloseChart", "p1");
  const [closed] = (await log()).items;
  assert.ok(Date.parse(closed.closedAt) >= Date.parse(closed.openedAt));
  assert.equal(typeof closed.closedBy, "string");
  assert.deepEqual((await log(`?at=${open.openedAt}`)).items.map(({ user }) => user), ["ben"]);
  assert.deepEqual((await log("?at=2020-01-01T00:00:00Z")).items, []);
  assert.equal((await log("?at=yesterday")).code, "invalid");
  assert.equal((await ben.rest("GET", "/api/patients/p1/access-log")).status, 403);
});

test("A chart has a largest number of sections that are edited at a time", async (t) => {
  const [anna, ben] = await atTheChart(t, "sections", "anna", "ben");
  for (let n = 0; n < 25; n++) for (const person of [anna, ben]) await person.call("BeginEdit", "p1", `section ${n} of ${person.user}`);
  for (const method of ["BeginEdit", "TakeOverEdit"]) assert.match(await refusal((await people(t, anna.tenant, "carl"))[0].call(method, "p1", "one more")), /conflict|limit_exceeded/);
});
