// What the hub's methods take and refuse: ids, optional arguments, arguments of a wrong form, roles.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newClinic, people, Person, publish, refusal } from "./clinic.mjs";

const oddIds = [
  "a/b", "a%2Fb", "a b", "\u{1F600}", "'\"`;--", "..", "thread:x", "tenant", "{0}", "<b>", "\\", "a\nb", "%", "?x=1#y", "\u0001", "é", "x".repeat(128),
];
const tooLong = "x".repeat(129);

test("An id may hold any character and means the same on the hub and on REST", async (t) => {
  const clinic = newClinic("ids");
  const admin = await Person.connect(clinic, "anna", { roles: ["admin"] });
  t.after(() => admin.leave());
  for (const id of oddIds) {
    const topic = `patient:${id}`;
    const answer = await admin.subscribe(topic);
    assert.equal(answer.topic, topic);
    const published = await publish(clinic, { topic, type: "x", data: { id } });
    assert.equal(published.status, 202, `${id}: ${JSON.stringify(published.body)}`);
    const event = await admin.events.next(`the event of ${id}`, (e) => e.topic === topic);
    assert.equal(event.data.id, id);
    const { viewers } = await admin.call("OpenChart", id, null);
    assert.deepEqual(viewers.map((v) => v.user), ["anna"]);
    const path = `/api/patients/${encodeURIComponent(id)}`;
    // A client's URL parser takes dots away, as it should: such an id can't stand in a path.
    if (id === "..") continue;
    const seen = await admin.rest("GET", `${path}/viewers`);
    assert.deepEqual(seen.body.entries?.map((e) => e.user), ["anna"], `${path}/viewers: ${JSON.stringify(seen.body)}`);
    const log = await admin.rest("GET", `${path}/access-log`);
    assert.deepEqual(log.body.items?.map((e) => e.user), ["anna"], `${path}/access-log: ${JSON.stringify(log.body)}`);
    await admin.call("CloseChart", id);
  }
});

test("A thread's id, a user's and a clinic's may hold any character too", async (t) => {
  const clinic = `${newClinic("ids")} / é\u{1F600}`;
  const odd = "o'tto/%2F \u{1F600}";
  const [anna, otto] = await people(t, clinic, "anna", odd);
  const thread = "t/%2F\u{1F600}'";
  const created = await anna.rest("POST", "/api/messaging", { id: thread, subject: "odd", participants: [odd] });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  await otto.subscribe(`thread:${thread}`);
  await otto.subscribe("user");
  const sent = await anna.rest("POST", `/api/messaging/${encodeURIComponent(thread)}/messages`, { body: "hello" });
  assert.equal(sent.status, 201, JSON.stringify(sent.body));
  assert.equal((await otto.events.next("message:new", (e) => e.type === "message:new")).topic, `thread:${thread}`);
  assert.equal((await otto.events.next("unread:changed", (e) => e.type === "unread:changed")).data.threadId, thread);
  await anna.subscribe(`thread:${thread}`);
  await otto.call("StartTyping", thread);
  await anna.presence(`thread:${thread}`).until("otto typing", (entries) => entries.get(odd)?.typing === true);
});

test("An id that can't be is refused by the name of its argument", async (t) => {
  const clinic = newClinic("wrong");
  for (const id of [tooLong, "", null, "a\u0000b"]) {
    // A connection each: one makes fifty calls a second at most.
    const [anna] = await people(t, clinic, "anna");
    for (const [method, field, args] of [
      ["StartTyping", "threadId", [id]],
      ["StopTyping", "threadId", [id]],
      ["OpenChart", "patientId", [id, null]],
      ["CloseChart", "patientId", [id]],
      ["BeginEdit", "patientId", [id, "vitals"]],
      ["BeginEdit", "section", ["p1", id]],
      ["TakeOverEdit", "section", ["p1", id]],
      ["EndEdit", "section", ["p1", id]],
      ["MarkRead", "messageId", [id]],
      ["Signal", "name", ["tenant", id, {}]],
      ["Subscribe", "topic", [`patient:${id ?? ""}`, null]],
    ]) {
      assert.match(await refusal(anna.call(method, ...args)), new RegExp(`invalid: ${field} `), `${method} ${JSON.stringify(args).slice(0, 60)}`);
    }
  }
  const [anna] = await people(t, clinic, "anna");
  for (const topic of [null, "", "Tenant", "user:anna", "tenant:x", "thread", "patient:", `thread:${tooLong}`, "room:1"]) {
    for (const [method, args] of [["Subscribe", [topic, null]], ["Unsubscribe", [topic]], ["Signal", [topic, "n", {}]]]) {
      assert.match(await refusal(anna.call(method, ...args)), /invalid: topic /, `${method} ${topic}`);
    }
  }
  assert.match(await refusal(anna.call("OpenChart", "p1", "x".repeat(501))), /invalid: reason /);
});

test("A position that can't be is refused", async (t) => {
  const [anna] = await people(t, newClinic("since"), "anna");
  const { epoch } = await anna.subscribe("tenant");
  for (const since of [{ epoch, offset: -1 }, { epoch }, { epoch, offset: null }, { offset: 0 }, { epoch: "", offset: 0 }, { epoch: tooLong, offset: 0 }])
    assert.match(await refusal(anna.call("Subscribe", "tenant", since)), /invalid: since\./, JSON.stringify(since));
});

test("A call whose arguments don't fit is refused as invalid and the connection goes on", async (t) => {
  const [anna] = await people(t, newClinic("forms"), "anna");
  for (const [method, ...args] of [
    ["Subscribe"], ["Subscribe", "tenant"], ["Subscribe", 1, null], ["Subscribe", { topic: "tenant" }, null], ["Subscribe", "tenant", "0"],
    ["Subscribe", "tenant", { epoch: 1, offset: 0 }], ["Subscribe", "tenant", { epoch: "e", offset: 1.5 }], ["Subscribe", "tenant", { epoch: "e", offset: 1e30 }],
    ["SetStatus", 7], ["SetStatus", "busy", "more"], ["OpenChart", "p1"], ["BeginEdit", ["p1"], "vitals"], ["MarkRead", true],
    ["Authenticate", 5], ["NoSuchMethod"], ["OnConnectedAsync"], ["Dispose"], ["ToString"],
  ]) {
    assert.match(await refusal(anna.call(method, ...args)), /invalid: /, `${method}(${JSON.stringify(args)})`);
  }
  for (const status of ["reconnecting", "BUSY", "", null, "offline"])
    assert.match(await refusal(anna.call("SetStatus", status)), /invalid: status /);
  assert.equal((await anna.subscribe("tenant")).topic, "tenant");
});

test("A signal's data is counted in bytes of JSON", async (t) => {
  const [anna, ben] = await people(t, newClinic("bytes"), "anna", "ben");
  for (const person of [anna, ben]) await person.subscribe("tenant");
  await anna.call("Signal", "tenant", "most", "x".repeat(4094));
  assert.equal((await ben.signals.next("the largest")).data.length, 4094);
  assert.match(await refusal(anna.call("Signal", "tenant", "more", "x".repeat(4095))), /limit_exceeded/);
  assert.match(await refusal(anna.call("Signal", "tenant", "more", "é".repeat(2048))), /limit_exceeded/);
  const nested = (levels) => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  await anna.call("Signal", "tenant", "deepest", nested(32));
  assert.match(await refusal(anna.call("Signal", "tenant", "deeper", nested(33))), /invalid: data /);
  await anna.call("Signal", "tenant", "null", null);
  const last = await ben.signals.next("null", ({ name }) => name === "null");
  assert.deepEqual(last, { topic: "tenant", name: "null", data: null, by: "anna" });
});

test("A patient is in the clinic and in their threads, and sees no chart", async (t) => {
  const clinic = newClinic("patient");
  const [anna] = await people(t, clinic, "anna");
  const paul = await Person.connect(clinic, "paul", { roles: ["patient"] });
  t.after(() => paul.leave());
  const thread = (await anna.rest("POST", "/api/messaging", { subject: "hello", participants: ["paul"] })).body.id;
  for (const topic of ["tenant", "user", `thread:${thread}`]) assert.equal((await paul.subscribe(topic)).topic, topic);
  await anna.subscribe("tenant");
  await anna.presence("tenant").until("paul as a patient", (entries) => entries.get("paul")?.role === "patient");
  for (const [method, ...args] of [
    ["Subscribe", "patient:p1", null], ["OpenChart", "p1", null], ["CloseChart", "p1"], ["BeginEdit", "p1", "vitals"],
    ["TakeOverEdit", "p1", "vitals"], ["EndEdit", "p1", "vitals"], ["Signal", "patient:p1", "n", {}],
  ]) {
    assert.match(await refusal(paul.call(method, ...args)), /forbidden/, method);
  }
  for (const path of ["/api/patients/p1/viewers", "/api/patients/p1/access-log", "/api/appointments?date=2026-01-01"]) {
    const answer = await paul.rest("GET", path);
    assert.equal(answer.status, 403, path);
    assert.equal(answer.body.code, "forbidden");
  }
});

test("Whatever one does with a thread of others, it answers as one that does not exist", async (t) => {
  const clinic = newClinic("foreign");
  const [anna, carl] = await people(t, clinic, "anna", "carl");
  const foreign = (await anna.rest("POST", "/api/messaging", { subject: "private", participants: [] })).body.id;
  const message = (await anna.rest("POST", `/api/messaging/${foreign}/messages`, { body: "secret" })).body.id;
  const nowhere = "00000000-0000-7000-8000-000000000000";
  const other = await Person.connect(newClinic("elsewhere"), "anna", { roles: ["admin"] });
  t.after(() => other.leave());
  for (const stranger of [carl, other]) {
    const calls = (thread, id) => [
      ["Subscribe", `thread:${thread}`, null], ["Subscribe", `thread:${thread}`, { epoch: "e", offset: 0 }], ["StartTyping", thread],
      ["Signal", `thread:${thread}`, "n", {}], ["MarkRead", id],
    ];
    for (const [n, call] of calls(foreign, message).entries()) {
      const there = await refusal(stranger.call(...call));
      assert.match(there, /not_found/);
      assert.equal(there, await refusal(stranger.call(...calls(nowhere, nowhere)[n])));
    }
    // Both of these say nothing at all, there and nowhere.
    for (const thread of [foreign, nowhere]) {
      await stranger.call("StopTyping", thread);
      await stranger.call("Unsubscribe", `thread:${thread}`);
    }
    const routes = (thread, id) => [
      ["GET", `/api/messaging/${thread}/messages`], ["GET", `/api/messaging/${thread}/messages?before=${id}`],
      ["POST", `/api/messaging/${thread}/messages`, { body: "x" }], ["PATCH", `/api/messages/${id}/read`],
    ];
    for (const [n, route] of routes(foreign, message).entries()) {
      const there = await stranger.rest(...route);
      const missing = await stranger.rest(...routes(nowhere, nowhere)[n]);
      assert.equal(there.status, 404);
      for (const answer of [there, missing]) delete answer.body.traceId;
      assert.deepEqual(there.body, missing.body);
    }
  }
});
