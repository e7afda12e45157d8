// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connected, pass } from "./clients.js";
import { entry, makeToken, type FakeHub } from "./fakeHub.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Counts what the page's objects hold, over every add and remove. */
function countListeners(target: EventTarget): () => number {
  const held = new Set<string>();
  const ids = new Map<unknown, number>();
  const key = (type: string, listener: unknown) => `${type} ${ids.get(listener) ?? (ids.set(listener, ids.size), ids.size - 1)}`;
  vi.spyOn(target, "addEventListener").mockImplementation((type, listener) => void held.add(key(type, listener)));
  vi.spyOn(target, "removeEventListener").mockImplementation((type, listener) => void held.delete(key(type, listener)));
  return () => held.size;
}

/** A minute of a busy day: screens open and close, people type and come and go, the connection breaks now and then. */
async function minute(hub: FakeHub, client: Awaited<ReturnType<typeof connected>>["client"], n: number): Promise<number> {
  let heard = 0;
  const unlisten = client.onState(() => undefined);
  const screens = ["tenant", "user", `thread:t-${n % 7}`].map((topic) => client.subscribe(topic, { onEvent: () => void heard++ }));
  const chart = client.openChart(`p-${n % 5}`);
  await pass(1_000);
  hub.answers.set("BeginEdit", () => ({ granted: true, lease: `1.${n}`, heldBy: null }));
  await chart.beginEdit("vitals").catch(() => undefined);
  const typing = client.typing(`t-${n % 7}`);
  for (let second = 0; second < 50; second++) {
    typing.keystroke();
    hub.publish("tenant", { n }, { type: "appointment:updated" });
    if (second % 10 === 0) hub.present("tenant", second % 20 === 0 ? { joins: [entry(`user-${second}`)] } : { leaves: [`user-${second - 10}`] });
    if (n % 6 === 5 && second === 20) hub.link.cut();
    await pass(1_000);
  }
  typing.stop();
  unlisten();
  for (const screen of screens) screen.close();
  chart.close();
  await pass(9_000);
  return heard;
}

test("An hour of a busy day leaves nothing behind: listeners, subscriptions, charts and timers are what they were", async () => {
  const counters = [countListeners(window), countListeners(document)];
  const { hub, client } = await connected({ token: () => makeToken({ seconds: 240 }) });
  const all = () => ({ ...client.size, page: counters.map((count) => count()), timers: vi.getTimerCount() });
  expect(await minute(hub, client, 0)).toBe(50);
  const after = all();
  for (let n = 1; n < 60; n++) expect(await minute(hub, client, n)).toBe(50);
  expect(all()).toEqual(after);
  expect(after).toMatchObject({ topics: 0, listeners: 0, charts: 0, typing: 0, stateListeners: 0 });
  expect(hub.links.length).toBe(11);
  expect(hub.named("Authenticate").length).toBeGreaterThan(4);
  expect(hub.link.topics.size).toBe(0);
});
