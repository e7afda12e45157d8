// The product as a browser and a backend see it: tokens, the official client, REST, and waits that name what never came.
import { createHmac, randomUUID } from "node:crypto";
import * as signalR from "@microsoft/signalr";

export const url = process.env.CLINIC_URL ?? "http://127.0.0.1:5080";
export const serviceKey = process.env.CLINIC_SERVICE_KEY ?? "development-service-key";

/** What a server in Development signs with when it is told nothing else. */
const signingKey = process.env.CLINIC_SIGNING_KEY ?? "clinic-development-key-never-for-production";

/** A clinic of its own for each test, so that none sees another's people. */
export const newClinic = (name) => `${name}-${randomUUID().slice(0, 8)}`;

export async function token(tenant, user, { roles = ["staff"], expiresInSeconds } = {}) {
  const response = await fetch(`${url}/dev/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ tenant, user, name: `${user} of ${tenant}`, roles, expiresInSeconds }),
  });
  if (!response.ok) throw new Error(`/dev/token answered ${response.status}: ${await response.text()}`);
  return (await response.json()).token;
}

const base64Url = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
export const inSeconds = (seconds) => Math.floor(Date.now() / 1000) + seconds;

/** A token of any making, also one that must not be believed. */
export function sign(claims, { key = signingKey, algorithm = "HS256" } = {}) {
  const content = `${base64Url({ alg: algorithm, typ: "JWT" })}.${base64Url(claims)}`;
  const hash = { HS256: "sha256", HS512: "sha512" }[algorithm];
  return `${content}.${hash ? createHmac(hash, key).update(content).digest("base64url") : ""}`;
}

/** Tokens that open nothing, by what is wrong with them. */
export function badTokens(tenant, user) {
  const claims = { sub: user, tenant, roles: ["admin"], exp: inSeconds(600) };
  const without = (name) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
  return {
    garbage: "garbage",
    "garbage in three parts": "a.b.c",
    expired: sign({ ...claims, exp: inSeconds(-1) }),
    "expired long ago": sign({ ...claims, exp: 1 }),
    "without an end": sign(without("exp")),
    "of another key": sign(claims, { key: "another-key-that-is-long-enough-to-be-one" }),
    unsigned: sign(claims, { algorithm: "none" }),
    "of another algorithm": sign(claims, { algorithm: "HS512" }),
    "without a clinic": sign(without("tenant")),
    "without a user": sign(without("sub")),
    "of two clinics": sign({ ...claims, tenant: [tenant, "another"] }),
  };
}

/** What a call is refused with; fails when it is not. */
export const refusal = (call) =>
  call.then(
    (answer) => Promise.reject(new Error(`not refused but answered: ${JSON.stringify(answer)}`)),
    (error) => error.message,
  );

export async function rest(method, path, { body, headers = {} } = {}) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
}

export const publish = (tenant, event, key = serviceKey) =>
  rest("POST", "/api/events", { body: event, headers: { authorization: `ServiceKey ${key}`, "x-tenant": tenant } });

/** Messages as they come; a wait may be armed before or after its message arrived. */
export class Inbox {
  #name;
  #items = [];
  #waiting = new Set();

  constructor(name) {
    this.#name = name;
  }

  get items() {
    return [...this.#items];
  }

  add(item) {
    this.#items.push(item);
    for (const wait of [...this.#waiting]) wait(item);
  }

  next(what, matches = () => true, timeoutMs = 5000) {
    const there = this.#items.find(matches);
    if (there !== undefined) return Promise.resolve(there);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(wait);
        reject(new Error(`${this.#name}: ${what} did not come within ${timeoutMs} ms; came: ${JSON.stringify(this.#items).slice(0, 600)}`));
      }, timeoutMs);
      const wait = (item) => {
        if (!matches(item)) return;
        clearTimeout(timer);
        this.#waiting.delete(wait);
        resolve(item);
      };
      this.#waiting.add(wait);
    });
  }
}

/** A topic's presence kept as the contract says: a snapshot, then diffs whose versions rise by one. */
class PresencePicture {
  #watchers = new Set();
  #kept = [];
  epoch;
  version;
  entries = new Map();

  constructor(name) {
    this.name = name;
  }

  snapshot({ epoch, version, entries }) {
    this.epoch = epoch;
    this.version = version;
    this.entries = new Map(entries.map((entry) => [entry.user, entry]));
    for (const diff of this.#kept.splice(0)) this.diff(diff);
    this.#tell();
  }

  diff(diff) {
    if (this.epoch === undefined) return void this.#kept.push(diff);
    if (diff.epoch === this.epoch && diff.version <= this.version) return;
    if (diff.epoch !== this.epoch || diff.version !== this.version + 1)
      throw new Error(`${this.name}: version ${diff.version} of epoch ${diff.epoch} after ${this.version} of ${this.epoch}`);
    this.version = diff.version;
    for (const entry of [...diff.joins, ...diff.updates]) this.entries.set(entry.user, entry);
    for (const user of diff.leaves) this.entries.delete(user);
    this.#tell();
  }

  until(what, holds, timeoutMs = 5000) {
    if (this.epoch !== undefined && holds(this.entries)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(check);
        reject(new Error(`${this.name}: ${what} was not seen within ${timeoutMs} ms; seen: ${JSON.stringify([...this.entries.values()])}`));
      }, timeoutMs);
      const check = () => {
        if (!holds(this.entries)) return;
        clearTimeout(timer);
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
    });
  }

  #tell() {
    for (const check of [...this.#watchers]) check();
  }
}

/** One signed-in person with one window open. */
export class Person {
  #presence = new Map();

  static async connect(tenant, user, options = {}) {
    const person = new Person();
    person.tenant = tenant;
    person.user = user;
    person.token = options.token ?? (await token(tenant, user, options));
    person.events = new Inbox(`events of ${user}`);
    person.signals = new Inbox(`signals of ${user}`);
    person.resets = new Inbox(`resets of ${user}`);
    person.closing = new Inbox(`closing of ${user}`);
    person.connection = new signalR.HubConnectionBuilder()
      .withUrl(`${url}/hubs/clinic${options.query ?? ""}`, {
        accessTokenFactory: () => person.token,
        transport: options.transport,
        skipNegotiation: options.skipNegotiation,
        headers: options.headers,
      })
      .withHubProtocol(options.protocol ?? new signalR.JsonHubProtocol())
      .configureLogging(signalR.LogLevel.None)
      .build();
    person.closed = new Promise((resolve) => person.connection.onclose(resolve));
    person.connection.on("events", (events) => events.forEach((event) => person.events.add(event)));
    person.connection.on("signals", (signals) => signals.forEach((signal) => person.signals.add(signal)));
    person.connection.on("presence", (diff) => person.presence(diff.topic).diff(diff));
    person.connection.on("reset", (reset) => person.resets.add(reset));
    person.connection.on("closing", (closing) => person.closing.add(closing));
    await person.connection.start();
    return person;
  }

  presence(topic) {
    if (!this.#presence.has(topic)) this.#presence.set(topic, new PresencePicture(`${topic} as ${this.user} sees it`));
    return this.#presence.get(topic);
  }

  call(method, ...args) {
    return this.connection.invoke(method, ...args);
  }

  async subscribe(topic, since = null) {
    const answer = await this.call("Subscribe", topic, since);
    this.presence(topic).snapshot(answer.presence);
    return answer;
  }

  rest(method, path, body, headers = {}) {
    return rest(method, path, { body, headers: { authorization: `Bearer ${this.token}`, ...headers } });
  }

  leave() {
    return this.connection.stop();
  }
}

/** Signs people in for a test and out again after it, also when it fails. */
export async function people(test, tenant, ...users) {
  const connected = await Promise.all(users.map((user) => Person.connect(tenant, user)));
  test.after(() => Promise.all(connected.map((person) => person.leave())));
  return connected;
}
