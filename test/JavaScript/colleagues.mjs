// A thread of its own for the well-behaved: two people who see each other's events and presence while others misbehave. It says what they saw when it is told to stop.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { newClinic, Person, publish } from "./clinic.mjs";

const clinic = newClinic("colleagues");
const [anna, ben] = await Promise.all(["anna", "ben"].map((user) => Person.connect(clinic, user)));
for (const person of [anna, ben]) await person.subscribe("tenant");

const seen = { refused: [], events: [], presence: [], lost: [], peakKB: 0 };
const sent = new Map();
for (const person of [anna, ben]) person.connection.on("events", (events) => events.forEach((event) => seen.events.push(performance.now() - sent.get(event.data.n))));

const memoryKB = () => (workerData.pid ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${workerData.pid}/status`, "utf8"))[1]) : 0);
let stopped = false;
parentPort.once("message", () => (stopped = true));
parentPort.postMessage({ started: true, memoryKB: memoryKB() });

const statuses = ["busy", "away", "hidden", "active"];
let n = 0;
for (; !stopped; n++) {
  sent.set(n, performance.now());
  const published = publish(clinic, { topic: "tenant", type: "beat", data: { n } });
  if (n % 5 === 0) {
    const status = statuses[(n / 5) % statuses.length];
    const start = performance.now();
    const shown = anna.presence("tenant").until(`ben ${status}`, (entries) => entries.get("ben")?.status === status);
    await Promise.all([ben.call("SetStatus", status), shown]);
    seen.presence.push(performance.now() - start);
    seen.peakKB = Math.max(seen.peakKB, memoryKB());
  }
  const { status } = await published;
  if (status !== 202) seen.refused.push(status);
  await pause(30);
}

for (const person of [anna, ben]) {
  await person.events.next("the last beat", ({ data }) => data.n === n - 1);
  const beats = person.events.items.map(({ data }) => data.n);
  if (beats.length !== n || beats.some((beat, at) => beat !== at)) seen.lost.push(`${person.user} got ${beats.length} of ${n} beats: ${beats.slice(0, 50)}`);
  if (person.resets.items.length + person.closing.items.length > 0) seen.lost.push(`${person.user} was reset or sent away`);
  await person.leave();
}
parentPort.postMessage({ ...seen, beats: n, memoryKB: memoryKB() });
