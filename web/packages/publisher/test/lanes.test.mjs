// The publisher over a transport and a clock that a test drives: no real time passes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOptions } from "../dist/options.js";
import { QueuedPublisher } from "../dist/queuedPublisher.js";
import { FOR_KEY_MS } from "../dist/retryDelay.js";

/** Time passes when a test says so; each wait is announced. */
class FakeClock {
  time = 0;
  #waits = [];
  #announced = [];
  #asked = [];

  now = () => 1_700_000_000_000 + this.time;
  elapsed = () => this.time;
  random = () => 0.5;
  wait = (ms, ended) =>
    new Promise((resolve) => {
      ended.addEventListener("abort", resolve, { once: true });
      this.#waits.push({ due: this.time + ms, resolve });
      const asked = this.#asked.shift();
      if (asked) asked(ms);
      else this.#announced.push(ms);
    });

  /** The next pause somebody makes. */
  nextWait() {
    return this.#announced.length > 0 ? Promise.resolve(this.#announced.shift()) : new Promise((resolve) => this.#asked.push(resolve));
  }

  pass(ms) {
    this.time += ms;
    const due = this.#waits.filter((wait) => wait.due <= this.time);
    this.#waits = this.#waits.filter((wait) => wait.due > this.time);
    due.forEach((wait) => wait.resolve());
  }
}

/** Calls wait until a test answers them. */
class FakeTransport {
  #calls = [];
  #asked = [];
  underWay = 0;
  mostUnderWay = 0;

  send = (event) =>
    new Promise((resolve) => {
      this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
      const call = {
        event,
        answer: (verdict, reason = "", more = {}) => {
          this.underWay--;
          resolve({ verdict, reason, ...more });
        },
      };
      const asked = this.#asked.shift();
      if (asked) asked(call);
      else this.#calls.push(call);
    });

  next() {
    return this.#calls.length > 0 ? Promise.resolve(this.#calls.shift()) : new Promise((resolve) => this.#asked.push(resolve));
  }
}

function setUp(options = {}) {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const reports = [];
  const checked = checkOptions({ url: "http://clinic.test", serviceKey: "k", onReport: (report) => reports.push(report), ...options });
  return { clock, transport, reports, publisher: new QueuedPublisher(checked, transport.send, clock) };
}

test("a topic's events wait for the one that is tried again, and another topic's do not", { timeout: 10_000 }, async () => {
  const { clock, transport, publisher } = setUp();
  for (const id of ["a1", "a2"]) assert.ok(publisher.toPatientViewers("t", "a", "x", 1, id));
  const first = await transport.next();
  first.answer("again", "503");
  const pause = await clock.nextWait();
  assert.ok(publisher.toPatientViewers("t", "b", "x", 1, "b1"));
  const other = await transport.next();
  assert.equal(other.event.id, "b1");
  other.answer("delivered");
  clock.pass(pause);
  const repeat = await transport.next();
  assert.equal(repeat.event.id, "a1");
  repeat.answer("delivered");
  const second = await transport.next();
  assert.equal(second.event.id, "a2");
  second.answer("delivered");
  assert.deepEqual(await publisher.close(), { left: 0 });
  assert.deepEqual([publisher.stats().delivered, publisher.stats().retries, publisher.stats().length], [3, 1, 0]);
});

test("an event is dropped when it is as old as it may get, and so is what waited behind it as long", { timeout: 10_000 }, async () => {
  const { clock, transport, reports, publisher } = setUp({ giveUpAfterMs: 60_000 });
  publisher.toTenant("t", "x", 1, "old");
  publisher.toTenant("t", "x", 1, "behind");
  (await transport.next()).answer("again", "503", { retryAfterMs: 3_600_000 });
  assert.equal(await clock.nextWait(), 60_000);
  clock.pass(59_999);
  publisher.toTenant("t", "x", 1, "young");
  clock.pass(1);
  const next = await transport.next();
  assert.equal(next.event.id, "young");
  next.answer("delivered");
  await publisher.close();
  assert.deepEqual(reports.filter((r) => r.kind === "dropped").map((r) => [r.reason, r.id]), [["expired", "old"], ["expired", "behind"]]);
});

test("a refused key is tried slowly, and what waits is delivered once the key is right", { timeout: 10_000 }, async () => {
  const { clock, transport, publisher } = setUp();
  publisher.toTenant("t", "x", 1, "e1");
  (await transport.next()).answer("keyRefused", "401");
  const pause = await clock.nextWait();
  assert.equal(pause, FOR_KEY_MS * 0.75);
  clock.pass(pause);
  (await transport.next()).answer("delivered");
  assert.deepEqual(await publisher.close(), { left: 0 });
  assert.equal(publisher.stats().delivered, 1);
});

test("what is refused for good is dropped, and the topic goes on", { timeout: 10_000 }, async () => {
  const { transport, reports, publisher } = setUp();
  publisher.messageSent("t", "nobody", {}, "m1");
  publisher.messageSent("t", "nobody", {}, "m2");
  (await transport.next()).answer("refused", "404");
  (await transport.next()).answer("delivered");
  await publisher.close();
  assert.deepEqual(reports, [{ kind: "dropped", reason: "refused", detail: "404", topic: "thread:nobody", id: "m1" }]);
});

test("above the capacity events are dropped and counted, and room that was made is used", { timeout: 10_000 }, async () => {
  const { transport, publisher } = setUp({ capacity: 2 });
  assert.deepEqual([1, 2, 3].map((n) => publisher.toTenant("t", "x", n, `e${n}`)), [true, true, false]);
  assert.equal(publisher.stats().dropped.full, 1);
  (await transport.next()).answer("delivered");
  const second = await transport.next();
  assert.ok(publisher.toTenant("t", "x", 4, "e4"));
  second.answer("delivered");
  (await transport.next()).answer("delivered");
  assert.deepEqual(await publisher.close(), { left: 0 });
});

test("no more calls are under way than allowed, and a topic has one", { timeout: 10_000 }, async () => {
  const { transport, publisher } = setUp({ concurrency: 3 });
  for (let n = 0; n < 60; n++) publisher.toPatientViewers("t", String(n % 6), "x", n, String(n));
  const seen = new Map();
  const held = [];
  for (let n = 0; n < 60; n++) {
    const lanesLeft = 6 - [...seen.values()].filter((ids) => ids.length === 10).length;
    while (held.length < Math.min(3, lanesLeft)) held.push(await transport.next());
    // The youngest first, so that topics end in another order than they began.
    const call = held.pop();
    seen.set(call.event.topic, [...(seen.get(call.event.topic) ?? []), Number(call.event.id)]);
    call.answer("delivered");
  }
  await publisher.close();
  assert.equal(transport.mostUnderWay, 3);
  for (const ids of seen.values()) assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
});

test("an event that gets no slot in its life is dropped although the calls before it hang", { timeout: 10_000 }, async () => {
  const { transport, publisher, reports } = setUp({ concurrency: 1, giveUpAfterMs: 5 });
  publisher.toPatientViewers("t", "a", "x", 1, "a1");
  publisher.toPatientViewers("t", "b", "x", 1, "b1");
  const hanging = await transport.next();
  while (reports.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(reports, [{ kind: "dropped", reason: "expired", detail: "giveUpAfterMs", topic: "patient:b", id: "b1" }]);
  hanging.answer("delivered");
  assert.deepEqual(await publisher.close(), { left: 0 });
  assert.equal(publisher.stats().delivered, 1);
});

test("close says what was left, and what comes after it is dropped", { timeout: 10_000 }, async () => {
  const { transport, publisher, reports } = setUp();
  publisher.toTenant("t", "x", 1, "e1");
  publisher.toTenant("t", "x", 1, "e2");
  await transport.next();
  assert.deepEqual(await publisher.close({ timeoutMs: 1 }), { left: 2 });
  assert.equal(publisher.toTenant("t", "x", 1, "e3"), false);
  assert.equal(publisher.stats().dropped.stopped, 3);
  assert.deepEqual(reports.map((r) => r.reason), ["stopped", "stopped"]);
});

test("nothing that is wrong with an event reaches the publishing code", () => {
  const { publisher, reports } = setUp();
  const circle = {};
  circle.circle = circle;
  const calls = {
    tenant: () => publisher.toTenant("", "x", 1),
    "tenant with a space around it": () => publisher.toTenant(" north", "x", 1),
    "tenant with a line break": () => publisher.toTenant("no\nrth", "x", 1),
    "no tenant": () => publisher.toTenant(undefined, "x", 1),
    topic: () => publisher.publish("t", "user", "x", 1),
    "no user": () => publisher.notifyUser("t", undefined, { kind: "system", title: "t" }),
    "no notification": () => publisher.notifyUser("t", "u\0", undefined),
    type: () => publisher.toTenant("t", "a b", 1),
    "type that ends in a line break": () => publisher.toTenant("t", "ab\n", 1),
    id: () => publisher.toTenant("t", "x", 1, "i".repeat(129)),
    "half a character": () => publisher.toTenant("t", "x", 1, "\ud800"),
    "data in a circle": () => publisher.toTenant("t", "x", circle),
    "data that is none": () => publisher.toTenant("t", "x", undefined),
    "a big integer": () => publisher.toTenant("t", "x", 1n),
    "too much": () => publisher.toTenant("t", "x", "é".repeat(131_072)),
  };
  for (const [name, call] of Object.entries(calls)) assert.equal(call(), false, name);
  assert.equal(publisher.stats().dropped.invalid, Object.keys(calls).length - 1);
  assert.equal(publisher.stats().dropped.tooLarge, 1);
  assert.equal(reports.length, Object.keys(calls).length);
});

test("a reporter that throws harms nobody", () => {
  const { publisher } = setUp({
    onReport: () => {
      throw new Error("no");
    },
  });
  assert.equal(publisher.toTenant("", "x", 1), false);
});
