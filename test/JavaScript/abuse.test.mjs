// Everything that a hostile or broken client does, at once: each attempt gets its documented answer, and two people at work notice none of it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import net from "node:net";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import WebSocket from "ws";
import { badTokens, newClinic, Person, publish, rest, serviceKey, token, url } from "./clinic.mjs";

const clinic = newClinic("abuse");
const { hostname, port } = new URL(url);
const hubUrl = (bearer, query = "") => `${url.replace("http", "ws")}/hubs/clinic?access_token=${bearer}${query}`;
const end = "\u001e";

const times = (count, act) => Promise.all(Array.from({ length: count }, (_, n) => act(n)));

async function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`${what} did not come within ${seconds} s`)), seconds * 1000)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The status with which an upgrade to a WebSocket is answered. */
const upgradeStatus = (address) =>
  within(10, "the answer of an upgrade", new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    socket.on("unexpected-response", (request, response) => (request.destroy(), resolve(response.statusCode)));
    socket.on("open", () => (socket.terminate(), resolve(101)));
    socket.on("error", reject);
  }));

/** A WebSocket past SignalR's handshake. */
async function hubSocket(user, protocol = "json", options = {}) {
  const socket = new WebSocket(hubUrl(await token(clinic, user)), options);
  socket.closed = new Promise((resolve) => socket.on("close", resolve));
  socket.on("error", () => {});
  await within(10, "a connection", once(socket, "open"));
  const answer = once(socket, "message");
  socket.send(JSON.stringify({ protocol, version: 1 }) + end);
  await within(10, "the handshake", answer);
  socket.texts = [];
  socket.on("message", (message) => socket.texts.push(message.toString()));
  return socket;
}

const code = (error) => /(unauthenticated|forbidden|not_found|invalid|rate_limited|limit_exceeded|conflict|unavailable): /.exec(error.message)?.[1] ?? error.message;
const answered = (call) => call.then(() => "done", code);

const counted = (items) => items.reduce((counts, item) => ({ ...counts, [item]: (counts[item] ?? 0) + 1 }), {});

const abuses = {
  async "tokens that open nothing"() {
    for (const bad of ["", ...Object.values(badTokens(clinic, "mallory"))]) {
      const statuses = await times(20, (n) =>
        n % 2 ? upgradeStatus(hubUrl(bad)) : rest("POST", "/hubs/clinic/negotiate?negotiateVersion=1", { headers: { authorization: `Bearer ${bad}` } }).then((a) => a.status));
      assert.deepEqual(counted(statuses), { 401: 20 });
    }
    const keys = await times(300, (n) => publish(clinic, { topic: "tenant", type: "x", data: n }, `wrong-${n}`).then(({ status }) => status));
    assert.deepEqual(counted(keys), { 401: 300 });
  },

  async "another clinic beside the token"() {
    const good = await token(clinic, "mallory");
    assert.deepEqual(counted(await times(100, () => upgradeStatus(hubUrl(good, "&tenant=another")))), { 403: 100 });
  },

  async "threads of others"() {
    const owner = await token(clinic, "olga");
    const { body } = await rest("POST", "/api/messaging", { body: { subject: "private", participants: [] }, headers: { authorization: `Bearer ${owner}` } });
    await times(5, async () => {
      const mallory = await Person.connect(clinic, "mallory");
      const answers = await times(40, (n) => answered(n % 2 ? mallory.call("Subscribe", `thread:${body.id}`, null) : mallory.call("StartTyping", body.id)));
      assert.deepEqual(counted(answers), { not_found: 40 });
      await mallory.leave();
    });
  },

  async "frames of garbage"() {
    const bytes = (length, seed) => Buffer.from(Array.from({ length }, (_, n) => (n * 7919 + seed * 104729 + ((n * seed) >> 3)) & 0xff));
    const fatal = [
      ["json", `{"type":1,"target":"Subscribe","arguments":["tenant"${end}`],
      ["json", `nonsense${end}`],
      ["json", `{"type":"one"}${end}`],
      ["json", `[]${end}`],
      ["json", `${'{"a":'.repeat(3000)}1${"}".repeat(3000)}${end}`],
      ["json", `{"type":1,"invocationId":"1","target":"Signal","arguments":["tenant","n",${"[".repeat(100)}${"]".repeat(100)}]}${end}`],
      ["json", `{"type":99999999999999999999999999}${end}`],
      ...[1, 2, 3, 4].map((seed) => ["json", Buffer.concat([bytes(200, seed), Buffer.from(end)])]),
      ["messagepack", Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
      ["messagepack", Buffer.from([0x03, 0xc1, 0xc1, 0xc1])],
      ["messagepack", Buffer.concat([Buffer.from([0xd0, 0x0f]), Buffer.alloc(2000, 0x91)])],
      ...[5, 6, 7].map((seed) => ["messagepack", Buffer.concat([Buffer.from([100]), bytes(100, seed)])]),
    ];
    for (const [protocol, frame] of fatal) {
      const socket = await hubSocket("gary", protocol);
      socket.send(frame);
      await within(10, `the end of a connection after ${protocol} ${frame.toString("latin1").slice(0, 40)}`, socket.closed);
    }
    const refused = [
      '"target":"Subscribe","arguments":["tenant",{"epoch":"e","offset":1e999}]',
      '"target":"Subscribe","arguments":["tenant",{"epoch":"e","offset":99999999999999999999}]',
      `"target":"Signal","arguments":["tenant","n",${"[".repeat(50)}${"]".repeat(50)}]`,
      '"target":"Signal","arguments":["tenant","\\ud800",1]',
      '"target":"__proto__","arguments":[]',
      `"target":"${"x".repeat(10_000)}","arguments":[]`,
    ];
    const socket = await hubSocket("gary");
    for (const call of refused) {
      const answer = once(socket, "message");
      socket.send(`{"type":1,"invocationId":"1",${call}}${end}`);
      assert.match((await within(10, `the answer of ${call.slice(0, 60)}`, answer))[0].toString(), /"type":3.*"error":".*invalid: /, call.slice(0, 80));
    }
    socket.terminate();
  },

  async "frames that are too large"() {
    for (const size of [33 * 1024, 1024 * 1024, 50 * 1024 * 1024]) {
      for (const whole of [true, false]) {
        const socket = await hubSocket("big");
        const call = `{"type":1,"invocationId":"1","target":"Signal","arguments":["tenant","n","${"x".repeat(size)}"]}`;
        socket.send(whole ? call + end : call);
        await within(15, `the end of a connection after ${size} bytes`, socket.closed);
      }
    }
    for (const path of ["/api/events", "/dev/token"]) {
      const answer = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { authorization: `ServiceKey ${serviceKey}`, "x-tenant": clinic, "content-type": "application/json" },
        body: `{"topic":"tenant","type":"x","data":"${"x".repeat(50 * 1024 * 1024)}"}`,
      }).catch((error) => error);
      // The server answers and closes; a client that writes all before it reads may find the connection gone.
      if (answer instanceof Response) assert.equal(answer.status, 413);
    }
  },

  async "a flood of hub calls"() {
    const fred = await Person.connect(clinic, "fred");
    const answers = counted(await times(3000, (n) => answered(fred.call("SetStatus", n % 2 ? "busy" : "away"))));
    assert.deepEqual(Object.keys(answers).sort(), ["done", "rate_limited"]);
    assert.ok(answers.done >= 50 && answers.done < 1500, JSON.stringify(answers));
    await pause(1100);
    assert.equal(await answered(fred.call("SetStatus", "active")), "done");
    await fred.leave();
  },

  async "a flood of events"() {
    const body = '{"topic":"tenant"}';
    const request = `POST /api/events HTTP/1.1\r\nhost: clinic\r\nauthorization: ServiceKey ${serviceKey}\r\nx-tenant: ${clinic}-loud\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const statuses = (
      await times(20, async () => {
        const socket = net.connect(+port, hostname);
        let text = "";
        socket.setEncoding("latin1").on("data", (chunk) => (text += chunk));
        socket.write(request.repeat(399) + request.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
        await within(30, "the answers of a flood", once(socket, "close"));
        for (const answer of text.split("HTTP/1.1 ").slice(1)) {
          if (answer.startsWith("429")) assert.match(answer, /\r\nRetry-After: [1-9].*"code":"rate_limited"/s);
        }
        return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
      })
    ).flat();
    const counts = counted(statuses);
    assert.equal(statuses.length, 8000);
    assert.deepEqual(Object.keys(counts).sort(), ["400", "429"], JSON.stringify(counts));
    assert.ok(counts[400] >= 1000, JSON.stringify(counts));
  },

  async "ten thousand subscriptions on one connection"() {
    const greta = await Person.connect(clinic, "greta");
    let subscribed = 0;
    const refused = [];
    for (let n = 0; subscribed < 1000; ) {
      const answer = await answered(greta.call("Subscribe", `patient:greta-${n}`, null));
      if (answer === "done") (subscribed++, n++);
      else if (answer === "rate_limited") await pause(100);
      else refused.push(answer), n++;
    }
    assert.deepEqual(refused, []);
    await pause(1100);
    const rest = counted(await times(9000, (n) => answered(greta.call("Subscribe", `patient:more-${n}`, null))));
    assert.deepEqual(Object.keys(rest).sort(), ["limit_exceeded", "rate_limited"], JSON.stringify(rest));
    await pause(1100);
    assert.equal(await answered(greta.call("Subscribe", "patient:greta-0", null)), "done");
    assert.equal(await answered(greta.call("Unsubscribe", "patient:greta-1")), "done");
    assert.equal(await answered(greta.call("Subscribe", "patient:one-more", null)), "done");
    await greta.leave();
  },

  async "handshakes that never end"() {
    const bearer = await token(clinic, "loris");
    const raw = (text) => {
      const socket = net.connect(+port, hostname);
      socket.on("error", () => {}).resume().write(text);
      return within(30, `the end of a connection that began ${JSON.stringify(text.slice(0, 40))}`, once(socket, "close"));
    };
    const upgrade = async () => {
      const socket = new WebSocket(hubUrl(bearer));
      socket.on("error", () => {});
      await within(10, "a connection", once(socket, "open"));
      await within(30, "the end of a connection without a handshake", once(socket, "close"));
    };
    await Promise.all([
      times(100, () => raw("GET /health/live HTTP/1.1\r\nhost: clinic\r\n")),
      times(50, () => raw(`POST /api/events HTTP/1.1\r\nhost: clinic\r\nauthorization: ServiceKey ${serviceKey}\r\nx-tenant: ${clinic}-slow\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`)),
      times(100, upgrade),
    ]);
  },

  async "a client that never reads"() {
    const cutOffs = async () => Number(/clinic_relay_cut_offs\S* (\d+)/.exec(await (await fetch(`${url}/metrics`)).text())?.[1] ?? 0);
    const before = await cutOffs();
    const socket = await hubSocket("nora");
    const subscribed = once(socket, "message");
    socket.send(`{"type":1,"invocationId":"1","target":"Subscribe","arguments":["patient:large",null]}${end}`);
    await subscribed;
    socket._socket.pause();
    const data = "x".repeat(200 * 1024);
    for (let n = 0; n < 150 && (await cutOffs()) === before; n++) {
      assert.equal((await publish(clinic, { topic: "patient:large", type: "x", data })).status, 202);
    }
    // For what waits for it; or, where deliveries are slow, because it answers no ping.
    const limit = Date.now() + 15_000;
    while ((await cutOffs()) === before && Date.now() < limit) await new Promise((next) => setTimeout(next, 200));
    const ended = once(socket, "close");
    socket._socket.resume();
    await within(30, "the end of a client that read nothing of 30 MB", ended);
  },
};

test("Abuse gets its documented answers and two people at work notice nothing", { timeout: 120_000, concurrency: true }, async (t) => {
  const colleagues = new Worker(new URL("colleagues.mjs", import.meta.url), { workerData: { pid: process.env.CLINIC_PID } });
  t.after(() => colleagues.terminate());
  const next = () => Promise.race([once(colleagues, "message").then(([message]) => message), once(colleagues, "error").then(([error]) => Promise.reject(error))]);
  const { memoryKB: before } = await within(30, "the colleagues' start", next());
  const result = next();
  result.catch(() => {});

  const logged = () => (process.env.CLINIC_LOG ? statSync(process.env.CLINIC_LOG).size : 0);
  const logStart = logged();
  const start = performance.now();
  const took = {};
  await Promise.all(
    Object.entries(abuses).map(([name, abuse]) =>
      t.test(name, async () => {
        await abuse();
        took[name] = Math.round((performance.now() - start) / 1000);
      }),
    ),
  );
  colleagues.postMessage("stop");
  const seen = await within(30, "what the colleagues saw", result);
  const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
  const figures = (values) => ["0.5", "0.99", "1"].map((share) => `p${share * 100} ${percentile(values, +share).toFixed(1)}`).join(", ");
  t.diagnostic(`${seen.beats} beats; events ms: ${figures(seen.events)}; presence ms: ${figures(seen.presence)}`);
  t.diagnostic(`seconds: ${JSON.stringify(took)}`);
  if (before) t.diagnostic(`memory MB: ${[before, seen.peakKB, seen.memoryKB].map((kb) => Math.round(kb / 1024)).join(", ")} before, at most, after`);

  if (process.env.CLINIC_LOG) {
    const log = readFileSync(process.env.CLINIC_LOG).subarray(logStart).toString();
    t.diagnostic(`log: ${log.split("\n").length - 1} lines`);
    for (const secret of [/eyJ/, /access_token/, new RegExp(serviceKey), / of abuse-/]) assert.doesNotMatch(log, secret);
    assert.ok(log.length < 100_000, `${log.length} characters were logged, such as ${log.slice(-1000)}`);
  }

  assert.deepEqual(seen.lost, []);
  assert.deepEqual(seen.refused, []);
  assert.equal(seen.events.length, 2 * seen.beats);
  for (const what of ["events", "presence"]) assert.ok(percentile(seen[what], 0.99) < 250, `p99 of ${what} was ${percentile(seen[what], 0.99)} ms`);
  if (before) assert.ok(seen.peakKB - before < 400 * 1024, `the server grew from ${before} to ${seen.peakKB} KB`);
});
