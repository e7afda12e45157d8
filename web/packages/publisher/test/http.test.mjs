// The publisher against a server that misbehaves.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { ClinicPublisher } from "../dist/index.js";
import { FakeClinic } from "./fakeClinic.mjs";

const quiet = () => {};
const LIMIT = { timeout: 30_000 };

async function setUp(t, options = {}) {
  const clinic = await FakeClinic.start(t);
  const publisher = new ClinicPublisher({ url: clinic.url, serviceKey: "secret-key", onReport: quiet, ...options });
  t.after(() => publisher.close({ timeoutMs: 0 }));
  return { clinic, publisher };
}

test("an event arrives as the contract says", LIMIT, async (t) => {
  const { clinic, publisher } = await setUp(t);
  assert.ok(publisher.appointmentCreated("nørd", { id: "a-1" }, "e-1"));
  await publisher.close();
  assert.deepEqual(clinic.calls, [
    {
      method: "POST",
      path: "/api/events",
      authorization: "ServiceKey secret-key",
      tenant: "nørd",
      body: { topic: "tenant", type: "appointment:created", id: "e-1", data: { id: "a-1" } },
    },
  ]);
});

test("every method has its topic and type", LIMIT, async (t) => {
  const { clinic, publisher } = await setUp(t);
  const notification = { id: "n", kind: "system", title: "hello" };
  publisher.appointmentCreated("t", 1);
  publisher.appointmentUpdated("t", 1);
  publisher.appointmentCancelled("t", 1);
  publisher.patientCheckedIn("t", 1);
  publisher.messageSent("t", "th", 1);
  publisher.messageRead("t", "th", 1);
  publisher.notifyUser("t", "ann", notification);
  publisher.vitalsUpdated("t", "p", 1);
  publisher.allergyAdded("t", "p", 1);
  publisher.medicationAdded("t", "p", 1);
  publisher.toTenant("t", "own:one", 1);
  publisher.toUser("t", "ann", "own:two", 1);
  publisher.toThread("t", "th", "own:three", 1);
  publisher.toPatientViewers("t", "p", "own:four", 1);
  publisher.publish("t", "patient:p", "own:five", null);
  await publisher.close();
  const of = (topic) => clinic.accepted.filter((event) => event.topic === topic).map((event) => event.type);
  assert.deepEqual(of("tenant"), ["appointment:created", "appointment:updated", "appointment:cancelled", "patient:checked_in", "own:one"]);
  assert.deepEqual(of("thread:th"), ["message:new", "message:read", "own:three"]);
  assert.deepEqual(of("user:ann"), ["notification:new", "own:two"]);
  assert.deepEqual(of("patient:p"), ["vitals:updated", "allergy:added", "medication:added", "own:four", "own:five"]);
  assert.deepEqual(clinic.accepted.find((event) => event.type === "notification:new").data, { ...notification, priority: "normal", body: null, link: null, requiresAck: false });
  for (const event of clinic.accepted) assert.match(event.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("failures, hangs and answers that got lost leave each event there once and in order", LIMIT, async (t) => {
  const { clinic, publisher } = await setUp(t, { attemptTimeoutMs: 150 });
  const troubles = [{ status: 503 }, { accept: true, reset: true }, { status: 500 }, { reset: true }, { hang: true }, { accept: true, hang: true }, { status: 408 }];
  clinic.answer = (_, n) => (n % 3 === 0 && n < 45 ? troubles[(n / 3) % troubles.length] : { status: 202 });
  for (let n = 0; n < 40; n++) assert.ok(publisher.toPatientViewers("t", n % 2 ? "odd" : "even", "x", n));
  assert.deepEqual(await publisher.close({ timeoutMs: 25_000 }), { left: 0 });
  const numbers = (topic) => clinic.accepted.filter((event) => event.topic === topic).map((event) => event.data);
  assert.deepEqual(numbers("patient:even"), Array.from({ length: 20 }, (_, n) => 2 * n));
  assert.deepEqual(numbers("patient:odd"), Array.from({ length: 20 }, (_, n) => 2 * n + 1));
  assert.ok(publisher.stats().retries > 0);
});

test("Retry-After of a 429 is kept", LIMIT, async (t) => {
  const { clinic, publisher } = await setUp(t);
  const times = [];
  clinic.answer = (_, n) => {
    times.push(performance.now());
    return n === 1 ? { status: 429, headers: { "retry-after": "1" } } : { status: 202 };
  };
  publisher.toTenant("t", "x", 1);
  assert.deepEqual(await publisher.close({ timeoutMs: 10_000 }), { left: 0 });
  assert.ok(times[1] - times[0] >= 990, `repeated after ${times[1] - times[0]} ms`);
});

test("only the contract's own answer counts as delivered; no redirect is followed", LIMIT, async (t) => {
  const { clinic, publisher } = await setUp(t);
  const statuses = [200, 204, 302, 400, 403, 404, 413, 422];
  clinic.answer = (_, n) => ({ status: statuses[n - 1] ?? 202, headers: { location: "/elsewhere" } });
  for (const status of statuses) publisher.toTenant("t", "x", status);
  await publisher.close();
  assert.deepEqual([clinic.calls.length, publisher.stats().dropped.refused], [statuses.length, statuses.length]);
  assert.ok(clinic.calls.every((call) => call.path === "/api/events"));
});

test("publishing takes no time while nobody listens", LIMIT, async (t) => {
  const publisher = new ClinicPublisher({ url: "http://127.0.0.1:1", serviceKey: "k", onReport: quiet });
  t.after(() => publisher.close({ timeoutMs: 0 }));
  const started = performance.now();
  for (let n = 0; n < 1000; n++) assert.ok(publisher.toPatientViewers("t", String(n), "x", n));
  assert.ok(performance.now() - started < 1000);
});

test("options that can't work are refused by name, and the key is not told", () => {
  const good = { url: "http://clinic.test", serviceKey: "k" };
  for (const [name, value] of [["url", "clinic"], ["url", undefined], ["url", "ftp://clinic"], ["serviceKey", ""], ["serviceKey", "with space"], ["capacity", 0], ["maxQueuedBytes", 1], ["concurrency", 1.5], ["giveUpAfterMs", 0], ["attemptTimeoutMs", -1], ["onReport", "log"]]) {
    assert.throws(() => new ClinicPublisher({ ...good, [name]: value }), (error) => error instanceof TypeError && error.message.includes(name) && !error.message.includes("with space"));
  }
  assert.throws(() => new ClinicPublisher(undefined), TypeError);
  assert.ok(new ClinicPublisher({ ...good, capacity: undefined }));
});

/** Runs a script that has a publisher of its own in a process of its own. */
async function run(url, script) {
  const source = `import { ClinicPublisher } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url))};
    const publisher = new ClinicPublisher({ url: ${JSON.stringify(url)}, serviceKey: "k" });
    ${script}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const [code] = await once(child, "close");
  return { code, stderr };
}

test("a process with nothing else to do does not stay for a retry", LIMIT, async (t) => {
  const clinic = await FakeClinic.start(t);
  clinic.answer = () => ({ status: 503, headers: { "retry-after": "600" } });
  const { code, stderr } = await run(clinic.url, `publisher.toTenant("t", "x", 1, "e1");`);
  assert.equal(code, 0);
  assert.match(stderr, /event e1 for topic tenant is tried again: 503/);
});

test("close keeps the process until the events are out", LIMIT, async (t) => {
  const clinic = await FakeClinic.start(t);
  clinic.answer = (_, n) => ({ status: n < 3 ? 503 : 202 });
  const { code } = await run(clinic.url, `for (let n = 0; n < 20; n++) publisher.toTenant("t", "x", n); await publisher.close({ timeoutMs: 20_000 });`);
  assert.equal(code, 0);
  assert.deepEqual(clinic.accepted.map((event) => event.data), Array.from({ length: 20 }, (_, n) => n));
});
