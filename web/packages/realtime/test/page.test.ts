// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LinkError } from "../src/index.js";
import { connected, newClient, pass, settle } from "./clients.js";
import { FakeHub } from "./fakeHub.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  show(true);
  network(true, false);
});

function show(visible: boolean): void {
  Object.defineProperty(document, "visibilityState", { value: visible ? "visible" : "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

function network(online: boolean, tell = true): void {
  Object.defineProperty(navigator, "onLine", { value: online, configurable: true });
  if (tell) window.dispatchEvent(new Event(online ? "online" : "offline"));
}

const statuses = (hub: FakeHub) => hub.named("SetStatus").map(({ args }) => args[0]);

test("A tab that is hidden is hidden to colleagues, and is what the user chose again when it is seen", async () => {
  const { hub, client } = await connected();
  client.setStatus("busy");
  show(false);
  show(true);
  show(true);
  await settle();
  expect(statuses(hub)).toEqual(["busy", "hidden", "busy"]);
});

test("A new connection is told the status, unless it is the one that it has anyway", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const { hub, client } = await connected();
  hub.link.cut();
  await settle();
  expect(statuses(hub)).toEqual([]);
  client.setStatus("away");
  hub.link.cut();
  await settle();
  expect(statuses(hub)).toEqual(["away", "away"]);
});

test("A page that was hidden before a reconnect, and is seen now, is not taken for hidden when its connection is doubted", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const { hub } = await connected();
  show(false);
  await settle();
  hub.refusal = new LinkError("unreachable", "nobody there");
  hub.link.cut();
  show(true);
  hub.refusal = null;
  await pass(1_000);
  hub.calls.length = 0;
  await pass(60_000);
  window.dispatchEvent(new Event("online"));
  await settle();
  expect(statuses(hub)).toEqual(["active"]);
});

test("A page that is opened hidden says so", async () => {
  show(false);
  const { hub } = await connected();
  await settle();
  expect(statuses(hub)).toEqual(["hidden"]);
});

test.each([
  ["online", () => network(true)],
  ["visibilitychange", () => show(true)],
])("%s wakes a client that waits for its next try", async (_, wake) => {
  vi.spyOn(Math, "random").mockReturnValue(0.999);
  const hub = new FakeHub();
  hub.refusal = new LinkError("unreachable", "nobody there");
  const client = newClient(hub);
  client.start();
  await pass(60_000);
  hub.refusal = null;
  const waits = client.state.retryAt! - Date.now();
  expect(waits).toBeGreaterThan(1_000);
  wake();
  await settle();
  expect(client.state.status).toBe("connected");
});

test("Without a network it is offline, goes on trying, and is connected as soon as there is one", async () => {
  const { hub, client } = await connected();
  hub.refusal = new LinkError("unreachable", "nobody there");
  network(false);
  expect(client.state).toMatchObject({ status: "offline", reason: "no_network" });
  await pass(120_000);
  expect(client.state.status).toBe("offline");
  expect(hub.links.length).toBeGreaterThan(5);
  hub.refusal = null;
  network(true);
  await settle();
  expect(client.state.status).toBe("connected");
});

test("A page without a network from the start shows it", async () => {
  network(false, false);
  const hub = new FakeHub();
  hub.refusal = new LinkError("unreachable", "nobody there");
  const client = newClient(hub);
  client.start();
  await settle();
  expect(client.state).toMatchObject({ status: "offline", reason: "no_network" });
});

test("A page that wakes after a sleep does not trust a connection that says nothing", async () => {
  const { hub, client } = await connected();
  await pass(60_000);
  hub.answers.set("SetStatus", () => new Promise(() => undefined));
  show(true);
  await pass(4_000);
  hub.answers.clear();
  await pass(600);
  expect(hub.links).toHaveLength(2);
  expect(client.state.status).toBe("connected");
});

test("A connection that was heard a moment ago is not asked", async () => {
  const { hub } = await connected();
  await pass(5_000);
  show(true);
  await pass(10_000);
  expect(hub.calls).toEqual([]);
});

test("A stopped client listens to nothing of the page", async () => {
  const added = [vi.spyOn(window, "addEventListener"), vi.spyOn(document, "addEventListener")];
  const removed = [vi.spyOn(window, "removeEventListener"), vi.spyOn(document, "removeEventListener")];
  const { client } = await connected();
  await client.stop();
  const calls = (spies: typeof added) => spies.flatMap(({ mock }) => mock.calls.map(([type, listener]) => [type, listener]));
  expect(calls(added).length).toBeGreaterThan(4);
  expect(calls(removed as typeof added)).toEqual(calls(added));
});

test("Holders come and go without a goodbye, and the last one's going is one", async () => {
  const hub = new FakeHub();
  const client = newClient(hub);
  const first = client.hold();
  await settle();
  first();
  const second = client.hold();
  first();
  await pass(1_000);
  expect(hub.links).toHaveLength(1);
  expect(hub.link.goodbye).toBe(false);
  second();
  await pass(200);
  expect(hub.links[0]?.goodbye).toBe(true);
});
