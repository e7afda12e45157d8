// Events: published by a backend, delivered once and in order, recovered after an absence.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { newClinic, people, Person, publish } from "./clinic.mjs";

const tick = (n, topic = "patient:p1") => ({ topic, type: "vitals:updated", data: { n }, id: randomUUID() });

test("A published event reaches the subscribers of its topic with offsets that rise by one", async (t) => {
  const clinic = newClinic("publish");
  const [anna, ben] = await people(t, clinic, "anna", "ben");
  const { epoch, offset } = await anna.subscribe("patient:p1");
  await ben.subscribe("patient:p2");
  for (let n = 1; n <= 20; n++) {
    const answer = await publish(clinic, tick(n));
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    assert.deepEqual(answer.body, { epoch, offset: offset + n });
  }
  const last = await anna.events.next("event 20", (event) => event.data.n === 20);
  assert.deepEqual(anna.events.items.map((event) => event.offset), Array.from({ length: 20 }, (_, n) => offset + n + 1));
  assert.equal(last.topic, "patient:p1");
  assert.equal(last.type, "vitals:updated");
  assert.equal(last.epoch, epoch);
  assert.ok(!Number.isNaN(Date.parse(last.time)));
  assert.deepEqual(ben.events.items, []);
});

test("Publishing again with the same id changes nothing and answers the same", async (t) => {
  const clinic = newClinic("again");
  const [anna] = await people(t, clinic, "anna");
  await anna.subscribe("patient:p1");
  const event = tick(1);
  const first = await publish(clinic, event);
  const second = await publish(clinic, event);
  assert.equal(second.status, 202);
  assert.deepEqual(second.body, first.body);
  assert.equal((await publish(clinic, { ...event, data: { n: 99 } })).status, 422);
  await publish(clinic, tick(2));
  await anna.events.next("event 2", ({ data }) => data.n === 2);
  assert.deepEqual(anna.events.items.map(({ data }) => data.n), [1, 2]);
});

test("Who was away gets exactly the missing events", async (t) => {
  const clinic = newClinic("recovery");
  const [anna] = await people(t, clinic, "anna");
  const { epoch, offset } = await anna.subscribe("patient:p1");
  await publish(clinic, tick(1));
  await anna.events.next("event 1", ({ data }) => data.n === 1);
  await anna.leave();
  for (let n = 2; n <= 6; n++) await publish(clinic, tick(n));

  const [back] = await people(t, clinic, "anna");
  const answer = await back.subscribe("patient:p1", { epoch, offset: offset + 1 });
  assert.equal(answer.recovered, true);
  assert.deepEqual(answer.events.map(({ data }) => data.n), [2, 3, 4, 5, 6]);
  assert.deepEqual(answer.events.map((event) => event.offset), [2, 3, 4, 5, 6].map((n) => offset + n));
  assert.equal(answer.offset, offset + 6);
  await publish(clinic, tick(7));
  await back.events.next("event 7", ({ data }) => data.n === 7);
  assert.deepEqual(back.events.items.map(({ data }) => data.n), [7]);
});

test("A position that can't be recovered is answered as such", async (t) => {
  const clinic = newClinic("unknown");
  const [anna] = await people(t, clinic, "anna");
  const { epoch, offset } = await anna.subscribe("patient:p1");
  for (const since of [{ epoch, offset: offset + 5 }, { epoch: "another", offset: 0 }]) {
    const answer = await anna.subscribe("patient:p1", since);
    assert.equal(answer.recovered, false);
    assert.deepEqual(answer.events, []);
    assert.equal(answer.offset, offset);
  }
  await assert.rejects(anna.call("Subscribe", "patient:p1", { epoch, offset: -1 }), /invalid/);
});

test("A user's own topic is called user and reaches all windows of that user alone", async (t) => {
  const clinic = newClinic("own");
  const [anna, annaToo, ben] = await people(t, clinic, "anna", "anna", "ben");
  for (const person of [anna, annaToo, ben]) await person.subscribe("user");
  assert.equal((await publish(clinic, tick(1, "user:anna"))).status, 202);
  for (const window of [anna, annaToo]) assert.equal((await window.events.next("the event")).topic, "user");
  await publish(clinic, tick(2, "user:ben"));
  await ben.events.next("ben's own", ({ data }) => data.n === 2);
  assert.deepEqual(ben.events.items.map(({ data }) => data.n), [2]);
  assert.equal((await publish(clinic, tick(3, "user"))).status, 400);
});

test("A signal reaches the topic's other connections and is not stored", async (t) => {
  const [anna, ben] = await people(t, newClinic("signal"), "anna", "ben");
  for (const person of [anna, ben]) await person.subscribe("patient:p1");
  await anna.call("Signal", "patient:p1", "cursor", { x: 3 });
  const signal = await ben.signals.next("the signal");
  assert.deepEqual([signal.topic, signal.name, signal.data], ["patient:p1", "cursor", { x: 3 }]);
  await assert.rejects(anna.call("Signal", "patient:p1", "cursor", "x".repeat(5000)), /limit_exceeded/);
  assert.deepEqual(anna.signals.items, []);
});

test("Who unsubscribed gets no more events", async (t) => {
  const clinic = newClinic("unsubscribe");
  const [anna, ben] = await people(t, clinic, "anna", "ben");
  for (const person of [anna, ben]) await person.subscribe("patient:p1");
  await anna.call("Unsubscribe", "patient:p1");
  await publish(clinic, tick(1));
  await ben.events.next("the event");
  await anna.subscribe("tenant");
  assert.deepEqual(anna.events.items, []);
});

test("Fifty people of a clinic get a burst without a hole, repeat or swap", async (t) => {
  const clinic = newClinic("burst");
  const crowd = await people(t, clinic, ...Array.from({ length: 50 }, (_, n) => `user-${n}`));
  const answers = await Promise.all(crowd.map((person) => person.subscribe("tenant")));
  const published = await Promise.all(Array.from({ length: 100 }, (_, n) => publish(clinic, tick(n, "tenant"))));
  assert.ok(published.every(({ status }) => status === 202));
  const last = Math.max(...published.map(({ body }) => body.offset));
  await Promise.all(crowd.map((person) => person.events.next(`offset ${last}`, (event) => event.offset === last)));
  crowd.forEach((person, n) => {
    // What came before the answer of Subscribe and is covered by it is dropped.
    const offsets = person.events.items.map((event) => event.offset).filter((offset) => offset > answers[n].offset);
    assert.deepEqual(offsets, Array.from({ length: last - answers[n].offset }, (_, step) => answers[n].offset + step + 1));
  });
});
