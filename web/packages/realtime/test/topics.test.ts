import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connected, newClient, pass, recorder, settle } from "./clients.js";
import { entry, FakeHub, hubError, makeToken } from "./fakeHub.js";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => void vi.useRealTimers());

const topic = "patient:p-1";
const tick = (n: number) => ({ n });

/** A client that follows the topic, with what it heard so far forgotten. */
async function following() {
  const { hub, client } = await connected();
  const { heard, listener } = recorder();
  const subscription = client.subscribe(topic, listener);
  await settle();
  expect(heard.splice(0)).toEqual(["reset start"]);
  return { hub, client, heard, subscription };
}

describe("Events", () => {
  test("come once and in order, whatever comes twice", async () => {
    const { hub, heard } = await following();
    const first = hub.publish(topic, tick(1));
    hub.link.receive("events", [first]);
    const second = hub.publish(topic, tick(2));
    hub.link.receive("events", [first, second]);
    await settle();
    expect(heard).toEqual(["event 1", "event 2"]);
    expect(hub.named("Subscribe")).toHaveLength(1);
  });

  test("that were missed while away come with the next connection, from the position kept", async () => {
    const { hub, heard, subscription } = await following();
    hub.publish(topic, tick(1));
    hub.link.cut();
    expect(subscription.state.status).toBe("waiting");
    hub.publish(topic, tick(2));
    hub.publish(topic, tick(3));
    await settle();
    hub.publish(topic, tick(4));
    expect(hub.named("Subscribe").map(({ args }) => args)).toEqual([
      [topic, null],
      [topic, { epoch: "e1", offset: 1 }],
    ]);
    expect(heard).toEqual(["event 1", "event 2", "event 3", "event 4"]);
  });

  test("a hole is closed from the position, without a repeat", async () => {
    const { hub, heard, subscription } = await following();
    hub.publish(topic, tick(1));
    hub.publish(topic, tick(2), { lost: true });
    hub.publish(topic, tick(3));
    await settle();
    hub.publish(topic, tick(4));
    expect(heard).toEqual(["event 1", "event 2", "event 3", "event 4"]);
    expect(hub.named("Subscribe").at(-1)?.args).toEqual([topic, { epoch: "e1", offset: 1 }]);
    expect(subscription.state.status).toBe("live");
  });

  test("that arrive before the answer are kept until it is there", async () => {
    const { hub, client } = await connected();
    const { heard, listener } = recorder();
    hub.publish(topic, tick(1), { lost: true });
    let release = () => {};
    hub.answers.set("Subscribe", async ([name], link) => {
      const answer = hub.subscribe(link, String(name), null);
      await new Promise<void>((resolve) => (release = resolve));
      return answer;
    });
    client.subscribe(topic, listener);
    await settle();
    hub.publish(topic, tick(2));
    hub.link.receive("events", [hub.topic(topic).log[0]]);
    hub.present(topic, { joins: [entry("ben")] });
    expect(heard).toEqual([]);
    release();
    await settle();
    expect(heard).toEqual(["reset start", "event 2", "presence +ben ~ -"]);
  });

  test("that can't be recovered tell the listener to load anew, and go on", async () => {
    const { hub, heard } = await following();
    hub.publish(topic, tick(1));
    hub.link.cut();
    hub.topic(topic).epoch = "e2";
    hub.topic(topic).log = [];
    await settle();
    hub.publish(topic, tick(9));
    expect(heard).toEqual(["event 1", "reset gap", "event 9"]);
  });

  test("after a reset of the server the listener loads anew after the answer", async () => {
    const { hub, heard } = await following();
    hub.publish(topic, tick(1));
    hub.publish(topic, tick(2), { lost: true });
    hub.link.receive("reset", { topic });
    await settle();
    hub.publish(topic, tick(3));
    expect(hub.named("Subscribe").at(-1)?.args).toEqual([topic, null]);
    expect(heard).toEqual(["event 1", "reset reset", "event 3"]);
  });

  test("a server that never closes a hole is asked only so often", async () => {
    const { hub, heard } = await following();
    hub.publish(topic, tick(1));
    hub.answers.set("Subscribe", ([name, since], link) => ({ ...(hub.subscribe(link, String(name), since as null) as object), events: [] }));
    for (let n = 3; n < 12; n++) {
      hub.publish(topic, tick(n), { lost: true });
      hub.link.receive("events", [{ ...hub.publish(topic, tick(n), { lost: true }), offset: n * 100 }]);
      await settle();
    }
    expect(hub.named("Subscribe").length).toBeLessThan(14);
    expect(heard).toContain("reset gap");
  });

  test("of a handler that throws still reach the others", async () => {
    const onError = vi.fn();
    const { hub, client } = await connected({ onError });
    const { heard, listener } = recorder();
    client.subscribe(topic, {
      onEvent: () => {
        throw new Error("mine");
      },
    });
    client.subscribe(topic, listener);
    await settle();
    hub.publish(topic, tick(1));
    expect(heard).toEqual(["reset start", "event 1"]);
    expect(onError).toHaveBeenCalledTimes(1);
  });

  test("of a closed subscription are not told, also when a handler closes it", async () => {
    const { hub, client, heard, subscription } = await following();
    client.subscribe(topic, {});
    hub.publish(topic, tick(1));
    subscription.close();
    hub.publish(topic, tick(2));
    expect(heard).toEqual(["event 1"]);
  });

  test("of somebody else than before: positions are forgotten and the listener loads anew", async () => {
    let user = "ann";
    const hub = new FakeHub();
    const client = newClient(hub, { token: () => makeToken({ user }) });
    const { heard, listener } = recorder();
    client.start();
    client.subscribe(topic, listener);
    await settle();
    hub.publish(topic, tick(1));
    user = "ben";
    hub.link.cut();
    await settle();
    expect(hub.named("Subscribe").at(-1)?.args).toEqual([topic, null]);
    expect(heard).toEqual(["reset start", "event 1", "reset identity"]);
  });
});

describe("Subscriptions", () => {
  test("of one topic are one, and end with the last", async () => {
    const { hub, client } = await connected();
    const first = client.subscribe(topic, {});
    const second = client.subscribe(topic, {});
    await settle();
    expect(hub.named("Subscribe")).toHaveLength(1);
    first.close();
    first.close();
    await pass(1_000);
    expect(hub.named("Unsubscribe")).toHaveLength(0);
    second.close();
    await pass(1_000);
    expect(hub.named("Unsubscribe").map(({ args }) => args)).toEqual([[topic]]);
    expect(client.size).toMatchObject({ topics: 0, listeners: 0 });
  });

  test("that end and begin again within a moment ask the server nothing", async () => {
    const { hub, client } = await connected();
    for (let n = 0; n < 10; n++) {
      const subscription = client.subscribe(topic, {});
      await pass(10);
      subscription.close();
      await pass(200);
    }
    expect(hub.calls.map(({ method }) => method)).toEqual(["Subscribe"]);
  });

  test("a later listener hears a start of its own, and nothing of before", async () => {
    const { hub, client, heard } = await following();
    hub.publish(topic, tick(1));
    const later = recorder();
    const subscription = client.subscribe(topic, later.listener);
    expect(subscription.state.status).toBe("live");
    await settle();
    hub.publish(topic, tick(2));
    expect(later.heard).toEqual(["reset start", "event 2"]);
    expect(heard).toEqual(["event 1", "event 2"]);
  });

  test("that are refused say why, and are tried again with the next connection", async () => {
    const { hub, client } = await connected();
    hub.answers.set("Subscribe", () => {
      throw hubError("not_found: there is no such thing");
    });
    const subscription = client.subscribe("thread:t-1", {});
    await settle();
    expect(subscription.state).toMatchObject({ status: "refused", error: { code: "not_found" } });
    hub.answers.clear();
    hub.link.cut();
    await settle();
    expect(subscription.state.status).toBe("live");
  });

  test("that fail for the moment are repeated, and what comes meanwhile is not lost", async () => {
    const { hub, heard, subscription } = await following();
    hub.answers.set("Subscribe", () => {
      throw hubError("unavailable: a part of the system can't be reached; try again");
    });
    hub.publish(topic, tick(1), { lost: true });
    hub.publish(topic, tick(2));
    await settle();
    hub.publish(topic, tick(3));
    expect(subscription.state.status).toBe("waiting");
    hub.answers.clear();
    await pass(2_000);
    expect(heard).toEqual(["event 1", "event 2", "event 3"]);
    expect(subscription.state.status).toBe("live");
  });

  test("that ended while there was no connection are not begun again", async () => {
    const { hub, subscription } = await following();
    hub.link.cut();
    subscription.close();
    await pass(1_000);
    expect(hub.named("Subscribe")).toHaveLength(1);
    expect(hub.named("Unsubscribe")).toHaveLength(0);
  });
});

describe("Presence", () => {
  test("is the snapshot and the diffs since, and a gap asks for a snapshot", async () => {
    const hub = new FakeHub();
    hub.present("tenant", { joins: [entry("ann"), entry("ben", { since: "2026-01-01T09:00:00Z" })] });
    const client = newClient(hub);
    client.start();
    const { heard, listener } = recorder();
    const subscription = client.subscribe("tenant", listener);
    await settle();
    expect(subscription.presence.entries.map(({ user }) => user)).toEqual(["ann", "ben"]);
    hub.present("tenant", { updates: [entry("ann", { status: "busy" })] });
    hub.present("tenant", { leaves: ["ben"] }, { lost: true });
    hub.present("tenant", { joins: [entry("cleo")] });
    await settle();
    expect(subscription.presence.entries.map(({ user, status }) => [user, status])).toEqual([
      ["ann", "busy"],
      ["cleo", "active"],
    ]);
    expect(heard.slice(1)).toEqual(["presence + ~ann -", "presence +cleo ~ -ben"]);
    expect(hub.named("Subscribe")).toHaveLength(2);
  });

  test("of before stays on show while the connection is down, marked so", async () => {
    const { hub, subscription } = await following();
    hub.present(topic, { joins: [entry("ben")] });
    hub.link.cut();
    expect(subscription.presence).toMatchObject({ live: false, entries: [{ user: "ben" }] });
    hub.present(topic, { leaves: ["ben"] });
    await settle();
    expect(subscription.presence).toMatchObject({ live: true, entries: [] });
  });

  test("is a new snapshot with each change and the same without", async () => {
    const { hub, subscription } = await following();
    const before = subscription.presence;
    expect(subscription.presence).toBe(before);
    hub.present(topic, { joins: [entry("ben")] });
    expect(subscription.presence).not.toBe(before);
    expect(before.entries).toEqual([]);
  });
});

describe("Presence is not shown to", () => {
  async function seen() {
    let user = "ann";
    const hub = new FakeHub();
    const client = newClient(hub, { token: () => (user === "" ? null : makeToken({ user })) });
    client.start();
    const { heard, listener } = recorder();
    const subscription = client.subscribe(topic, listener);
    await settle();
    hub.present(topic, { joins: [entry("cleo")] });
    heard.length = 0;
    return { hub, client, heard, subscription, signIn: (other: string) => void (user = other) };
  }

  test("whoever signs in next, neither as it was nor as people who left", async () => {
    const { hub, heard, subscription, signIn } = await seen();
    signIn("ben");
    hub.topic(topic).presence.entries = [entry("ben")];
    let release = () => {};
    hub.answers.set("Subscribe", async ([name], link) => {
      await new Promise<void>((resolve) => (release = resolve));
      return hub.subscribe(link, String(name), null);
    });
    hub.link.cut();
    await settle();
    expect(subscription.presence).toMatchObject({ live: false, entries: [] });
    release();
    await settle();
    expect(subscription.presence.entries.map(({ user }) => user)).toEqual(["ben"]);
    expect(heard).toEqual(["reset identity"]);
  });

  test("nobody while nobody is signed in; who comes back has missed nothing", async () => {
    const { hub, client, heard, subscription, signIn } = await seen();
    const changed = vi.fn();
    client.subscribe(topic, { onChange: changed });
    signIn("");
    hub.link.cut();
    await settle();
    expect(client.state.status).toBe("unauthorized");
    expect(subscription.presence.entries).toEqual([]);
    expect(changed).toHaveBeenCalled();
    hub.publish(topic, tick(1), { lost: true });
    signIn("ann");
    client.wake();
    await settle();
    expect(heard).toEqual(["event 1"]);
    expect(subscription.presence.entries.map(({ user }) => user)).toEqual(["cleo"]);
  });

  test("whoever is refused the topic", async () => {
    const { hub, subscription } = await seen();
    hub.answers.set("Subscribe", () => {
      throw hubError("forbidden: the caller may not do this");
    });
    hub.link.receive("reset", { topic });
    await settle();
    expect(subscription.state.status).toBe("refused");
    expect(subscription.presence.entries).toEqual([]);
  });
});

test("Signals reach the topic's listeners", async () => {
  const { hub, heard } = await following();
  hub.link.receive("signals", [{ topic, name: "cursor", data: null, by: "ben" }, { topic: "tenant", name: "other", data: null, by: "ben" }]);
  expect(heard).toEqual(["signal cursor"]);
});
