// The MessagePack protocol of the hub: the same calls, answers, names and refusals as in JSON.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import { newClinic, people, Person, publish, refusal } from "./clinic.mjs";

test("MessagePack and JSON clients get the same shapes", async (t) => {
  const clinic = newClinic("msgpack");
  const [anna] = await people(t, clinic, "anna");
  const ben = await Person.connect(clinic, "ben", { protocol: new MessagePackHubProtocol() });
  t.after(() => ben.leave());
  const both = [anna, ben];
  const answers = [];
  for (const person of both) answers.push(await person.subscribe("patient:p1"));
  assert.deepEqual({ ...answers[1], presence: 0 }, { ...answers[0], presence: 0 });
  assert.deepEqual(Object.keys(answers[1].presence), ["epoch", "version", "entries"]);

  const data = { text: "é\u{1F600}\"\\\n", list: [1, -1, 0.5, 1e20, -1e300, true, null, "", {}], n: 9007199254740991, nothing: null };
  await publish(clinic, { topic: "patient:p1", type: "x", data });
  const [json, pack] = await Promise.all(both.map((person) => person.events.next("the event")));
  assert.deepEqual(pack, json);
  assert.deepEqual(pack.data, data);
  assert.equal(typeof pack.time, "string");

  await ben.call("OpenChart", "p1", "round");
  await ben.call("BeginEdit", "p1", "vitals");
  const editing = (entries) => entries.get("ben")?.editing?.[0] === "vitals";
  await Promise.all(both.map((person) => person.presence("patient:p1").until("ben editing", editing)));
  assert.deepEqual(ben.presence("patient:p1").entries.get("ben"), anna.presence("patient:p1").entries.get("ben"));

  for (const [from, to] of [[anna, ben], [ben, anna]]) {
    await from.call("Signal", "patient:p1", "cursor", data);
    assert.deepEqual(await to.signals.next("the signal"), { topic: "patient:p1", name: "cursor", data, by: from.user });
  }

  const since = { epoch: answers[0].epoch, offset: answers[0].offset };
  const again = await Promise.all(both.map((person) => person.call("Subscribe", "patient:p1", since)));
  assert.equal(again[1].recovered, true);
  assert.deepEqual(again[1].events, again[0].events);
});

test("MessagePack calls are refused in the words of JSON ones", async (t) => {
  const clinic = newClinic("msgpack");
  const [anna] = await people(t, clinic, "anna");
  const ben = await Person.connect(clinic, "ben", { protocol: new MessagePackHubProtocol() });
  t.after(() => ben.leave());
  for (const call of [
    ["Subscribe", "thread:none", null], ["Subscribe", "room", null], ["Subscribe", "tenant", { epoch: "e", offset: -1 }], ["Subscribe", "tenant", 5],
    ["Subscribe", 5, null], ["Subscribe", "tenant", { epoch: "e", offset: 1.5 }], ["Subscribe"], ["NoSuchMethod"], ["SetStatus", ["busy"]], ["Signal", "tenant", "n", "x".repeat(5000)],
  ]) {
    assert.equal(await refusal(ben.call(...call)), await refusal(anna.call(...call)), JSON.stringify(call).slice(0, 80));
  }
});
