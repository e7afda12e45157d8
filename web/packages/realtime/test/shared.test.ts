import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pass, recorder, settle } from "./clients.js";
import { entry, FakeHub, hubError, makeToken } from "./fakeHub.js";
import { FakeBrowser } from "./fakeWorker.js";
import { LinkError } from "../src/index.js";
import { sharedVersion, type ToWorker } from "../src/sharedProtocol.js";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => void vi.useRealTimers());

const topic = "patient:p-1";
const up = (hub: FakeHub) => hub.links.filter((link) => link.up);

/** What a call comes to, once the worker had time for it. */
async function signalled(call: Promise<unknown>): Promise<unknown> {
  await pass(10);
  return call;
}

async function twoTabs() {
  const hub = new FakeHub();
  const browser = new FakeBrowser(hub);
  const [first, second] = [browser.tab("first"), browser.tab("second")];
  await pass(10);
  expect([first.state.status, second.state.status]).toEqual(["connected", "connected"]);
  return { hub, browser, first, second };
}

describe("Tabs of one user", () => {
  test("share one connection, and each hears what it subscribed to", async () => {
    const { hub, first, second } = await twoTabs();
    expect(up(hub)).toHaveLength(1);
    const [ones, twos] = [recorder(), recorder()];
    first.subscribe(topic, ones.listener);
    second.subscribe("tenant", twos.listener);
    await pass(10);
    hub.publish(topic, { n: 1 });
    hub.publish("tenant", { n: 2 });
    await pass(10);
    expect(ones.heard).toEqual(["reset start", "event 1"]);
    expect(twos.heard).toEqual(["reset start", "event 2"]);
  });

  test("a topic is left with the last of them", async () => {
    const { hub, first, second } = await twoTabs();
    const subscriptions = [first, second].map((tab) => tab.subscribe(topic, {}));
    await pass(10);
    subscriptions[0]?.close();
    await pass(1_000);
    expect(hub.named("Unsubscribe")).toHaveLength(0);
    subscriptions[1]?.close();
    await pass(1_000);
    expect(hub.named("Unsubscribe")).toHaveLength(1);
  });

  test("come back together, each from its own position", async () => {
    const { hub, first, second } = await twoTabs();
    const [ones, twos] = [recorder(), recorder()];
    first.subscribe(topic, ones.listener);
    await pass(10);
    hub.publish(topic, { n: 1 });
    await pass(10);
    second.subscribe(topic, twos.listener);
    await pass(10);
    up(hub)[0]?.cut();
    hub.publish(topic, { n: 2 });
    await pass(100);
    expect(ones.heard).toEqual(["reset start", "event 1", "event 2"]);
    expect(twos.heard).toEqual(["reset start", "event 2"]);
    expect(up(hub)).toHaveLength(1);
  });

  test("are hidden when all are", async () => {
    const { hub, first, second } = await twoTabs();
    first.setStatus("away");
    await pass(10);
    expect(hub.named("SetStatus")).toHaveLength(0);
    second.setStatus("away");
    await pass(10);
    first.setStatus("busy");
    await pass(10);
    expect(hub.named("SetStatus").map(({ args }) => args[0])).toEqual(["away", "busy"]);
  });

  test("one that dies takes with it only what was its own", async () => {
    const { hub, browser, first, second } = await twoTabs();
    first.subscribe(topic, {});
    first.subscribe("thread:t-1", {});
    second.subscribe(topic, {});
    first.openChart("p-2");
    first.typing("t-1").keystroke();
    await pass(10);
    hub.calls.length = 0;
    browser.locks.kill("first");
    await pass(10);
    expect(hub.calls.map(({ method, args }) => `${method} ${args.join(" ")}`).sort()).toEqual([
      "CloseChart p-2",
      "StopTyping t-1",
      "Unsubscribe patient:p-2",
      "Unsubscribe thread:t-1",
    ]);
    expect(up(hub)).toHaveLength(1);
    expect(second.state.status).toBe("connected");
  });

  test("are what they were after a reconnect, until one tells otherwise", async () => {
    const { hub, first, second } = await twoTabs();
    for (const tab of [first, second]) tab.setStatus("away");
    await pass(10);
    hub.calls.length = 0;
    hub.refusal = new LinkError("unreachable", "nobody there");
    up(hub)[0]?.cut();
    await pass(100);
    first.setStatus("active");
    hub.refusal = null;
    await pass(20_000);
    expect(hub.named("SetStatus").map(({ args }) => args[0])).toEqual(["away", "active"]);
  });

  test("a chart that was taken away is closed by the one that opened it again, whatever the other had open", async () => {
    const { hub, first, second } = await twoTabs();
    const charts = [first, second].map((tab) => tab.openChart("p-1"));
    await pass(10);
    up(hub)[0]?.receive("reset", { topic, reason: "restricted" });
    await pass(10);
    expect(charts.map(({ state }) => state.status)).toEqual(["refused", "refused"]);
    void charts[0]?.reopen("emergency");
    await pass(10);
    hub.calls.length = 0;
    charts[0]?.close();
    await pass(1_000);
    expect(hub.named("CloseChart").map(({ args }) => args)).toEqual([["p-1"]]);
  });

  test("one that has a chart open without following it is told when it is taken away", async () => {
    const { hub, first } = await twoTabs();
    hub.answers.set("Subscribe", () => {
      throw hubError("unavailable: a part of the system can't be reached; try again");
    });
    const chart = first.openChart("p-1");
    await pass(10);
    expect(chart.state.status).toBe("open");
    up(hub)[0]?.receive("reset", { topic, reason: "expired" });
    await pass(10);
    expect(chart.state).toMatchObject({ status: "refused", error: { causeCode: "reason_required" } });
  });

  test("one is told to ask again when another could not follow a chart, which ends it for the connection", async () => {
    const { hub, first, second } = await twoTabs();
    const { heard, listener } = recorder();
    first.subscribe(topic, listener);
    await pass(10);
    hub.answers.set("Subscribe", ([name], link) => {
      link.topics.delete(String(name));
      throw hubError("unavailable: a part of the system can't be reached; try again");
    });
    second.subscribe(topic, {});
    await pass(10);
    hub.answers.clear();
    await pass(5_000);
    hub.publish(topic, { n: 1 });
    await pass(10);
    expect(heard).toEqual(["reset start", "reset reset", "event 1"]);
    expect(hub.named("Subscribe").length).toBeLessThan(8);
  });

  test("one that is reloaded finds its chart open, however busy the connection is", async () => {
    const { hub, browser, first, second } = await twoTabs();
    first.openChart("p-1");
    await pass(10);
    for (let n = 0; n < 60; n++) second.subscribe(`thread:t-${n}`, {});
    await pass(1);
    browser.locks.kill("first");
    const again = browser.tab("again").openChart("p-1");
    await pass(5_000);
    expect(again.state.status).toBe("open");
    expect(hub.calls.map(({ method }) => method).filter((method) => method.endsWith("Chart"))).toEqual(["OpenChart", "CloseChart", "OpenChart"]);
  });

  test("the last to go says goodbye", async () => {
    const { hub, browser, first, second } = await twoTabs();
    const link = up(hub)[0];
    await first.stop();
    await pass(10);
    expect(link?.goodbye).toBe(false);
    await second.stop();
    await pass(10);
    expect(link?.goodbye).toBe(true);
    expect(browser.hosts?.size).toBe(0);
    expect(browser.locks.waiting).toBe(0);
  });

  test("that go and come for an hour leave nothing behind", async () => {
    const { hub, browser, first } = await twoTabs();
    for (let n = 0; n < 120; n++) {
      const tab = browser.tab(`tab ${n}`);
      tab.subscribe(`thread:t-${n}`, {});
      await pass(20_000);
      if (n % 2) await tab.stop();
      else browser.locks.kill(`tab ${n}`);
      await pass(10_000);
    }
    expect(up(hub)).toHaveLength(1);
    expect(hub.link.topics.size).toBe(0);
    expect(first.state.status).toBe("connected");
    // The worker waits for two pages, two pages and those that were killed (which in a browser are gone) wait for the worker.
    expect(browser.locks.waiting).toBe(2 + 2 + 60);
  });
});

describe("Never shared", () => {
  test.each([
    ["another user", { user: "ben" }],
    ["another clinic", { tenant: "south" }],
    ["other roles", { roles: ["nurse", "admin"] }],
  ])("with %s", async (_, claims) => {
    const hub = new FakeHub();
    const browser = new FakeBrowser(hub);
    const first = browser.tab("first");
    const second = browser.tab("second", { token: () => makeToken(claims) });
    const [ones, twos] = [recorder(), recorder()];
    first.subscribe(topic, ones.listener);
    second.subscribe("tenant", twos.listener);
    await pass(10);
    expect(up(hub)).toHaveLength(2);
    for (const link of up(hub)) link.receive("events", [{ ...hub.publish(topic, { n: 1 }, { lost: true }), offset: 1 }]);
    await pass(10);
    expect(ones.heard).toEqual(["reset start", "event 1"]);
    expect(twos.heard).toEqual(["reset start"]);
  });

  test("a tab that signs in as somebody else moves to a connection of its own", async () => {
    const hub = new FakeHub();
    const browser = new FakeBrowser(hub);
    let user = "ann";
    const first = browser.tab("first", { token: () => makeToken({ seconds: 600 }) });
    const second = browser.tab("second", { token: () => makeToken({ user, seconds: 600 }) });
    await pass(10);
    expect(up(hub)).toHaveLength(1);
    user = "ben";
    await pass(490_000);
    expect([first.identity?.user, second.identity?.user]).toEqual(["ann", "ben"]);
    expect(up(hub)).toHaveLength(2);
    expect(hub.named("Authenticate")).toHaveLength(1);
  });
});

describe("The token", () => {
  test("comes from another tab when one does not answer", async () => {
    const hub = new FakeHub();
    const browser = new FakeBrowser(hub);
    browser.tab("first", { token: () => makeToken({ seconds: 600 }) });
    let asked = 0;
    browser.tab("second", { token: () => (asked++ === 0 ? makeToken({ seconds: 600 }) : new Promise<string>(() => undefined)) });
    await pass(499_000);
    expect(asked).toBe(2);
    expect(hub.named("Authenticate")).toHaveLength(1);
    expect(hub.links).toHaveLength(1);
  });

  test("is not waited for from pages that sleep", async () => {
    const hub = new FakeHub();
    const browser = new FakeBrowser(hub);
    browser.tab("first", { token: () => makeToken({ seconds: 600 }) });
    for (const name of ["second", "third", "fourth"]) {
      let asked = 0;
      browser.tab(name, { token: () => (asked++ === 0 ? makeToken({ seconds: 600 }) : new Promise<string>(() => undefined)) });
    }
    await pass(10);
    up(hub)[0]?.cut();
    await pass(3_000);
    expect(up(hub)).toHaveLength(1);
  });

  test("is asked of a page that can be seen before one that came later and is away", async () => {
    const hub = new FakeHub();
    const browser = new FakeBrowser(hub);
    const asked: string[] = [];
    const token = (name: string) => () => {
      asked.push(name);
      return makeToken();
    };
    browser.tab("first", { token: token("first") });
    const second = browser.tab("second", { token: token("second") });
    await pass(10);
    second.setStatus("hidden" as "away");
    await pass(10);
    asked.length = 0;
    up(hub)[0]?.cut();
    await pass(100);
    expect(asked).toEqual(["first"]);
  });

  test("of a page that was just opened is asked for at once", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    const { hub, browser } = await twoTabs();
    hub.refusal = new LinkError("unreachable", "nobody there");
    up(hub)[0]?.cut();
    await pass(120_000);
    hub.refusal = null;
    const third = browser.tab("third");
    await pass(100);
    expect(third.state.status).toBe("connected");
  });

  test("that is missing is unauthorized", async () => {
    const hub = new FakeHub();
    const browser = new FakeBrowser(hub);
    const tab = browser.tab("first", { token: () => null });
    await pass(10);
    expect(tab.state).toMatchObject({ status: "unauthorized", reason: "no_token" });
  });
});

describe("An edit", () => {
  async function editing() {
    const { hub, first, second } = await twoTabs();
    let lease = 0;
    hub.answers.set("BeginEdit", () => ({ granted: true, lease: `${Math.max(1, lease)}.x`, heldBy: { user: "ann", name: "Ann", since: "" } }));
    hub.answers.set("EndEdit", () => void lease++);
    const lost = vi.fn();
    const charts = [first.openChart("p-1", {}, { onEditLost: (section, edit) => lost(section, edit.reason) }), second.openChart("p-1")] as const;
    await pass(10);
    const answer = charts[0].beginEdit("vitals");
    await pass(10);
    expect(await answer).toMatchObject({ granted: true, lease: "1.x" });
    hub.calls.length = 0;
    return { hub, charts, lost };
  }

  test("that one tab holds is refused to the other, though they are one connection", async () => {
    const { hub, charts } = await editing();
    const answer = charts[1].beginEdit("vitals");
    await pass(10);
    expect(await answer).toEqual({ granted: false, lease: null, heldBy: { user: "ann", name: "Ann", since: "" } });
    expect(hub.named("BeginEdit")).toHaveLength(0);
    void charts[1].endEdit("vitals");
    await pass(10);
    expect(hub.named("EndEdit")).toHaveLength(0);
  });

  test("that was granted to a tab that is gone by then is ended, and free for the other", async () => {
    const { hub, browser, first, second } = await twoTabs();
    let grant = () => {};
    hub.answers.set("BeginEdit", () => new Promise((resolve) => (grant = () => resolve({ granted: true, lease: "1.x", heldBy: null }))));
    const charts = [first.openChart("p-1"), second.openChart("p-1")] as const;
    await pass(10);
    void charts[0].beginEdit("vitals").catch(() => undefined);
    await pass(10);
    browser.locks.kill("first");
    await pass(10);
    hub.calls.length = 0;
    grant();
    await pass(10);
    expect(hub.calls.map(({ method, args }) => `${method} ${args.join(" ")}`)).toEqual(["EndEdit p-1 vitals"]);
    const answer = charts[1].beginEdit("vitals");
    await pass(10);
    grant();
    await pass(10);
    expect(await answer).toMatchObject({ granted: true });
  });

  test("that waits for its turn is not begun for a tab that is gone, which would open the chart again", async () => {
    const { hub, browser, first, second } = await twoTabs();
    let answered = () => {};
    hub.answers.set("BeginEdit", () => new Promise((resolve) => (answered = () => resolve({ granted: true, lease: "1.x", heldBy: null }))));
    const charts = [first.openChart("p-1"), second.openChart("p-1")] as const;
    await pass(10);
    void charts[0].beginEdit("vitals").catch(() => undefined);
    void charts[1].beginEdit("vitals").catch(() => undefined);
    await pass(10);
    browser.locks.kill("second");
    answered();
    await pass(10);
    expect(hub.named("BeginEdit")).toHaveLength(1);
    expect(charts[0].state.edits.get("vitals")?.status).toBe("held");
  });

  test("that another tab takes over gets a new lease, and the first tab has lost it", async () => {
    const { hub, charts, lost } = await editing();
    const answer = charts[1].takeOverEdit("vitals");
    await pass(10);
    expect(await answer).toMatchObject({ granted: true });
    expect(hub.calls.map(({ method }) => method)).toEqual(["EndEdit", "BeginEdit"]);
    hub.publish(topic, { section: "vitals", user: "ann", reason: "ended", by: "ann" }, { type: "edit:ended" });
    await pass(10);
    expect(charts.map(({ state }) => state.edits.get("vitals")?.status)).toEqual(["lost", "held"]);
    expect(lost.mock.calls).toEqual([["vitals", "taken_over"]]);
  });
});

describe("A worker", () => {
  test("that dies is made anew, and nothing is missed", async () => {
    const { hub, browser, first, second } = await twoTabs();
    const { heard, listener } = recorder();
    first.subscribe(topic, listener);
    await pass(10);
    hub.publish(topic, { n: 1 });
    await pass(10);
    browser.killWorker();
    hub.publish(topic, { n: 2 });
    await pass(1_000);
    expect([first.state.status, second.state.status]).toEqual(["connected", "connected"]);
    expect(browser.workers).toBe(2);
    expect(up(hub)).toHaveLength(1);
    expect(heard).toEqual(["reset start", "event 1", "event 2"]);
  });

  test("of another build is not shared: the page has a connection of its own", async () => {
    const hub = new FakeHub();
    const browser = new FakeBrowser(hub);
    const before = browser.tab("before");
    await pass(10);
    browser.version = sharedVersion + 1;
    const after = browser.tab("after");
    await pass(10);
    expect([before.state.status, after.state.status]).toEqual(["connected", "connected"]);
    expect(up(hub)).toHaveLength(2);
    expect(browser.hosts?.size).toBe(1);
  });

  test("does not listen to a page of another build", async () => {
    const hub = new FakeHub();
    const browser = new FakeBrowser(hub);
    browser.tab("page");
    await pass(10);
    const port = { postMessage: vi.fn(), onmessage: null as ((event: { readonly data: ToWorker }) => void) | null, close: () => undefined };
    browser.hosts?.accept(port);
    port.onmessage?.({ data: { kind: "hello", lock: "l", hubUrl: "https://clinic.test", token: makeToken({ user: "ben" }), timeoutMs: 1, backoff: { baseMs: 1, maxMs: 1 }, callsPerSecond: 1 } as unknown as ToWorker });
    await pass(10);
    expect(port.postMessage).not.toHaveBeenCalled();
    expect(browser.hosts?.size).toBe(1);
  });

  test("has its version in its name", async () => {
    const source = await readFile(new URL("../src/shared.ts", import.meta.url), "utf8");
    expect(source).toContain(`name: "clinic-realtime-${sharedVersion}"`);
  });

  test("delivers what comes with an event whose data is of no known shape", async () => {
    const { hub, first } = await twoTabs();
    const heard: string[] = [];
    first.subscribe(topic, { onEvent: ({ type }) => void heard.push(type) });
    await pass(10);
    hub.publish(topic, null, { type: "edit:ended" });
    hub.publish(topic, { n: 2 });
    await pass(10);
    expect(heard).toEqual(["edit:ended", "vitals:updated"]);
    expect(hub.named("Subscribe")).toHaveLength(1);
  });

  test("gets what a port can't carry as JSON has it, and what JSON can't is refused with the field", async () => {
    const { hub, first } = await twoTabs();
    await expect(signalled(first.signal(topic, "cursor", new Proxy({ x: 1, seen: new Date(0), f: () => undefined }, {})))).resolves.toBeUndefined();
    expect(hub.named("Signal")[0]?.args).toEqual([topic, "cursor", { x: 1, seen: "1970-01-01T00:00:00.000Z" }]);
    await expect(first.signal(topic, "cursor", 1n)).rejects.toMatchObject({ code: "invalid", field: "args" });
  });

  test("whose script can't be loaded leaves the page with a connection of its own", async () => {
    const hub = new FakeHub();
    const browser = new FakeBrowser(hub);
    browser.broken = true;
    const tab = browser.tab("first");
    const { heard, listener } = recorder();
    tab.subscribe(topic, listener);
    await pass(10);
    hub.publish(topic, { n: 1 });
    expect(tab.state.status).toBe("connected");
    expect(heard).toEqual(["reset start", "event 1"]);
    await tab.stop();
    expect(up(hub)).toHaveLength(0);
  });
});

test("A page that is shown for the first time does not join twice", async () => {
  const hub = new FakeHub();
  const browser = new FakeBrowser(hub);
  const token = vi.fn(() => makeToken());
  const tab = browser.tab("first", { token });
  tab.show();
  await pass(10);
  expect(tab.state.status).toBe("connected");
  expect(token).toHaveBeenCalledTimes(1);
});

test("A page in the browser's cache takes part in nothing, and catches up when it is taken out", async () => {
  const { hub, first, second } = await twoTabs();
  const { heard, listener } = recorder();
  const subscription = first.subscribe(topic, listener);
  second.subscribe("tenant", {});
  await pass(10);
  first.hide();
  await pass(10);
  expect(hub.named("Unsubscribe")).toHaveLength(1);
  hub.publish(topic, { n: 1 });
  hub.present(topic, { joins: [entry("ben")] });
  await pass(60_000);
  expect(heard).toEqual(["reset start"]);
  first.show();
  await pass(10);
  expect(heard).toEqual(["reset start", "event 1", "presence +ben ~ -"]);
  expect(subscription.presence.live).toBe(true);
  await settle();
});
