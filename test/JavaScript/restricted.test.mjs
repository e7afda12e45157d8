// Restricted charts: who is refused what, what colleagues see of a reason, and that JSON and MessagePack clients see the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import { newClinic, people, Person, refusal } from "./clinic.mjs";

async function restricted(t, name, ...users) {
  const clinic = newClinic(name);
  const olga = await Person.connect(clinic, "olga", { roles: ["nurse", "privacy_officer"] });
  t.after(() => olga.leave());
  await olga.subscribe("user");
  const answer = await olga.rest("PATCH", "/api/patients/p1/restriction", { restricted: true, careTeam: ["anna"] });
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(answer.body), ["patientId", "restricted", "careTeam", "changedBy", "changedAt", "version"]);
  return [olga, ...(await people(t, clinic, ...users))];
}

test("A restricted chart is refused with a cause, on the hub and by REST alike, also to who may restrict it", async (t) => {
  const [olga, ben] = await restricted(t, "refused", "ben");
  for (const person of [ben, olga]) {
    for (const [method, ...args] of [["OpenChart", "p1", null], ["OpenChart", "p1", "   "], ["BeginEdit", "p1", "vitals"], ["TakeOverEdit", "p1", "vitals"], ["Subscribe", "patient:p1", null], ["Signal", "patient:p1", "x", 1]])
      assert.match(await refusal(person.call(method, ...args)), /forbidden: reason_required: /, method);
    const rest = await person.rest("PATCH", "/api/patients/p1/vitals", { weight: 70 });
    assert.deepEqual([rest.status, rest.body.code, rest.body.cause], [403, "forbidden", "reason_required"]);
  }
  assert.match(await refusal(ben.call("OpenChart", "p1", "no")), /invalid: reason /);
  assert.match(await refusal(ben.call("OpenChart", "p1", "x".repeat(501))), /invalid: reason /);
  assert.match(await refusal(ben.call("OpenChart", "p1", "not\u0000stored")), /invalid: reason /);
  assert.equal((await ben.rest("GET", "/api/patients/p1/viewers")).status, 403);
  assert.deepEqual((await olga.rest("GET", "/api/patients/p1/viewers")).body.entries, []);
});

test("A reason opens it, colleagues and the privacy officer learn of it at once, and closing it ends it", async (t) => {
  const [olga, anna, ben] = await restricted(t, "opened", "anna", "ben");
  const mia = await Person.connect(anna.tenant, "anna", { protocol: new MessagePackHubProtocol() });
  t.after(() => mia.leave());
  for (const person of [anna, mia]) await person.subscribe("patient:p1");
  await anna.call("OpenChart", "p1", null);
  const start = Date.now();
  const { viewers } = await ben.call("OpenChart", "p1", "  emergency ");
  const own = viewers.find(({ user }) => user === "ben").viewing;
  assert.deepEqual(Object.keys(own), ["since", "reason", "breakGlass", "until"]);
  assert.deepEqual([own.reason, own.breakGlass], ["emergency", true]);
  assert.equal(Math.round((Date.parse(own.until) - Date.parse(own.since)) / 60_000), 30);
  assert.deepEqual(Object.keys(viewers.find(({ user }) => user === "anna").viewing), ["since"]);
  const told = await olga.events.next("the notification", ({ type }) => type === "notification:new", 1000);
  assert.ok(Date.now() - start < 1000);
  assert.deepEqual([told.data.kind, told.data.priority, told.data.requiresAck], ["system", "urgent", false]);
  assert.equal((await olga.rest("GET", "/api/notifications")).body.items[0].id, told.data.id);
  for (const person of [anna, mia]) {
    await person.presence("patient:p1").until("ben with a reason", (entries) => entries.get("ben")?.viewing.breakGlass === true);
    assert.deepEqual(person.presence("patient:p1").entries.get("ben").viewing, own);
  }

  // Another window goes on with the same reason.
  const [benToo] = await people(t, ben.tenant, "ben");
  const joined = (await benToo.call("OpenChart", "p1", null)).viewers.find(({ user }) => user === "ben").viewing;
  assert.deepEqual(joined, own);
  await ben.subscribe("patient:p1");
  await benToo.call("CloseChart", "p1");
  assert.equal((await ben.rest("PATCH", "/api/patients/p1/vitals", { weight: 70 })).status, 200);
  await ben.call("CloseChart", "p1");
  assert.deepEqual(await ben.resets.next("the end"), { topic: "patient:p1", reason: "closed" });
  assert.match(await refusal(ben.call("OpenChart", "p1", null)), /reason_required/);
  const { items } = (await olga.rest("GET", "/api/patients/p1/access-log")).body;
  assert.deepEqual(items.map(({ user, reason, breakGlass, closedBy }) => [user, reason, breakGlass, closedBy]), [
    ["ben", "emergency", true, "user"],
    ["anna", null, undefined, null],
  ]);
});

test("Whoever is on a chart when it is restricted loses it, unless of the care team", async (t) => {
  const clinic = newClinic("revoked");
  const [anna, ben, cleo] = await people(t, clinic, "anna", "ben", "cleo");
  const olga = await Person.connect(clinic, "olga", { roles: ["admin"] });
  t.after(() => olga.leave());
  for (const person of [anna, ben, cleo]) await person.subscribe("patient:p1");
  for (const person of [anna, ben]) await person.call("OpenChart", "p1", null);
  await olga.rest("PATCH", "/api/patients/p1/restriction", { restricted: true, careTeam: ["anna"] });
  for (const person of [ben, cleo]) assert.deepEqual(await person.resets.next("the end"), { topic: "patient:p1", reason: "restricted" });
  await anna.presence("patient:p1").until("ben gone", (entries) => entries.has("anna") && !entries.has("ben"));
  assert.deepEqual((await anna.events.next("the restriction", ({ type }) => type === "restriction:changed")).data, { patientId: "p1", restricted: true });
  assert.deepEqual(anna.resets.items, []);
  await olga.rest("PATCH", "/api/patients/p1/restriction", { restricted: false });
  await ben.call("OpenChart", "p1", null);
});
