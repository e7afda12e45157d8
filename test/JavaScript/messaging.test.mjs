// Threads: what participants see, and that to others they don't exist.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newClinic, people, Person, publish } from "./clinic.mjs";

test("A message reaches the participants and its sender is not notified", async (t) => {
  const clinic = newClinic("thread");
  const [anna, ben] = await people(t, clinic, "anna", "ben");
  const created = await anna.rest("POST", "/api/messaging", { subject: "bed 4", participants: ["ben"] });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  const thread = created.body.id;
  for (const person of [anna, ben]) {
    await person.subscribe(`thread:${thread}`);
    await person.subscribe("user");
  }
  const sent = await anna.rest("POST", `/api/messaging/${thread}/messages`, { body: "please look" });
  assert.equal(sent.status, 201, JSON.stringify(sent.body));
  for (const person of [anna, ben]) {
    const event = await person.events.next("message:new", ({ type }) => type === "message:new");
    assert.equal(event.topic, `thread:${thread}`);
    assert.equal(event.data.body, "please look");
  }
  const unread = await ben.events.next("unread:changed", ({ type }) => type === "unread:changed");
  assert.equal(unread.topic, "user");
  assert.equal(unread.data.messages, 1);

  await ben.call("MarkRead", sent.body.id);
  await anna.events.next("message:read", ({ type }) => type === "message:read");
  const read = await ben.events.next("unread:changed of 0", ({ type, data }) => type === "unread:changed" && data.messages === 0);
  assert.ok(read.offset > unread.offset);
  assert.deepEqual(anna.events.items.filter(({ type }) => type === "unread:changed"), []);

  const list = await ben.rest("GET", `/api/messaging/${thread}/messages`);
  assert.equal(list.status, 200);
  assert.deepEqual(list.body.items.map(({ body }) => body), ["please look"]);
  assert.equal(list.body.next, null);
});

test("A thread of others answers exactly as one that does not exist", async (t) => {
  const clinic = newClinic("foreign");
  const [anna, ben, carl] = await people(t, clinic, "anna", "ben", "carl");
  const created = await anna.rest("POST", "/api/messaging", { subject: "private", participants: ["ben"] });
  const foreign = created.body.id;
  const elsewhere = await Person.connect(newClinic("elsewhere"), "anna");
  t.after(() => elsewhere.leave());
  const refusal = async (call) => call.then(() => "no refusal", (error) => error.message);
  for (const stranger of [carl, elsewhere]) {
    for (const method of ["Subscribe", "StartTyping"]) {
      const name = (id) => (method === "Subscribe" ? [`thread:${id}`, null] : [id]);
      const there = await refusal(stranger.call(method, ...name(foreign)));
      const nowhere = await refusal(stranger.call(method, ...name("never-made")));
      assert.match(there, /not_found/);
      assert.equal(there.replaceAll(foreign, "ID"), nowhere.replaceAll("never-made", "ID"));
    }
    const there = await stranger.rest("GET", `/api/messaging/${foreign}/messages`);
    const nowhere = await stranger.rest("GET", "/api/messaging/never-made/messages");
    assert.equal(there.status, 404);
    assert.equal(nowhere.status, 404);
    assert.equal(there.body.code, "not_found");
    assert.equal(nowhere.body.code, "not_found");
  }
  assert.equal((await publish(clinic, { topic: "thread:never-made", type: "x", data: {} })).status, 404);
  await ben.subscribe(`thread:${foreign}`);
});
