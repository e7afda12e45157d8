import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LinkError, type ConnectionState } from "../src/index.js";
import { connected, newClient, pass, settle } from "./clients.js";
import { FakeHub, makeToken } from "./fakeHub.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const unreachable = (retryAfterMs = 0) => new LinkError("unreachable", "nobody there", retryAfterMs);

describe("The machine", () => {
  test("goes from connecting to connected, and says goodbye when it is stopped", async () => {
    const hub = new FakeHub();
    const client = newClient(hub);
    const seen: ConnectionState["status"][] = [];
    client.onState(() => seen.push(client.state.status));
    client.start();
    await settle();
    expect(client.state).toMatchObject({ status: "connected", reason: null, attempt: 0, retryAt: null });
    expect(client.identity).toMatchObject({ tenant: "north", user: "ann" });
    const { link } = hub;
    await client.stop();
    expect(link.goodbye).toBe(true);
    expect(client.state).toMatchObject({ status: "offline", reason: "stopped" });
    expect(seen.at(-1)).toBe("offline");
    expect(seen).toContain("connected");
  });

  test("a broken connection is reconnecting, then connected again", async () => {
    const { hub, client } = await connected();
    await pass(10_000);
    hub.link.cut();
    expect(client.state).toMatchObject({ status: "reconnecting", reason: "lost" });
    await pass(500);
    expect(client.state.status).toBe("connected");
    expect(hub.links).toHaveLength(2);
  });

  test("tries for ever, with pauses that grow to the bound and are anything up to it", async () => {
    const random = vi.spyOn(Math, "random").mockReturnValue(0.999);
    const hub = new FakeHub();
    hub.refusal = unreachable();
    const client = newClient(hub);
    client.start();
    await pass(30 * 60_000);
    const pauses = hub.links.slice(1).map((link, at) => link.startedAt - (hub.links[at]?.startedAt ?? 0));
    expect(pauses.slice(0, 6)).toEqual([499, 999, 1998, 3996, 7992, 15984]);
    expect(Math.max(...pauses)).toBeLessThan(20_000);
    expect(pauses.length).toBeGreaterThan(90);
    random.mockReturnValue(0);
    const before = hub.links.length;
    await pass(20_000);
    expect(hub.links.length).toBeGreaterThan(before);
    expect(client.state).toMatchObject({ status: "connecting", reason: "lost" });
  });

  test("a server that cuts off at once does not get a try every moment", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    const { hub } = await connected();
    for (let n = 0; n < 5; n++) {
      hub.link.cut();
      await pass(500 * 2 ** n);
    }
    const pauses = hub.links.slice(1).map((link, at) => link.startedAt - (hub.links[at]?.startedAt ?? 0));
    expect(pauses.at(-1)).toBeGreaterThan(4_000);
  });

  test("a start that is answered by nobody is given up", async () => {
    const hub = new FakeHub();
    hub.silent = true;
    const client = newClient(hub);
    client.start();
    await pass(15_000);
    hub.silent = false;
    await pass(500);
    expect(client.state.status).toBe("connected");
  });
});

describe("closing", () => {
  test("is not tried before retryAfterMs, whatever wakes the page", async () => {
    const { hub, client } = await connected();
    const { link } = hub;
    const at = Date.now();
    link.receive("closing", { reason: "shutdown", retryAfterMs: 7_000 });
    link.cut();
    expect(client.state).toMatchObject({ status: "reconnecting", reason: "shutdown" });
    client.wake();
    await pass(6_999);
    client.wake();
    expect(hub.links).toHaveLength(1);
    await pass(501);
    expect(hub.links).toHaveLength(2);
    expect(hub.links[1]!.startedAt - at).toBeGreaterThanOrEqual(7_000);
  });

  test("with an ended token goes on at once with a fresh one", async () => {
    const { hub, client } = await connected();
    const { link } = hub;
    link.receive("closing", { reason: "token_expired", retryAfterMs: 0 });
    link.cut();
    await settle();
    expect(client.state.status).toBe("connected");
    expect(hub.link.token).not.toBe(link.token);
  });

  test("a server that is too busy says when to come back", async () => {
    const hub = new FakeHub();
    hub.refusal = unreachable(5_000);
    newClient(hub).start();
    await settle();
    hub.refusal = null;
    await pass(4_999);
    expect(hub.links).toHaveLength(1);
    await pass(501);
    expect(hub.links).toHaveLength(2);
  });
});

describe("The token", () => {
  test("is renewed in place before it ends", async () => {
    const token = vi.fn(() => makeToken({ seconds: 600 }));
    const { hub, client } = await connected({ token });
    await pass(479_000);
    expect(hub.named("Authenticate")).toHaveLength(0);
    await pass(2_000);
    expect(token).toHaveBeenLastCalledWith({ reason: "renew" });
    expect(hub.named("Authenticate")[0]?.args).toEqual([token.mock.results[1]?.value]);
    await pass(480_000);
    expect(hub.named("Authenticate")).toHaveLength(2);
    expect(hub.links).toHaveLength(1);
    expect(client.state.status).toBe("connected");
  });

  test("that could not be renewed is asked for again until the present one ends, and the connection stays", async () => {
    const { hub, client } = await connected({ token: () => makeToken({ seconds: 600 }) });
    hub.answers.set("Authenticate", () => {
      throw new Error("HubException: unauthenticated: the token is bad");
    });
    await pass(595_000);
    expect(hub.named("Authenticate").length).toBeGreaterThan(3);
    expect(client.state.status).toBe("connected");
    hub.answers.delete("Authenticate");
    await pass(3_000);
    const renewed = hub.named("Authenticate").length;
    await pass(60_000);
    expect(hub.named("Authenticate")).toHaveLength(renewed);
  });

  test("is not asked for over and over by a clock that is ahead of its end", async () => {
    const skew = 3_600_000;
    const token = vi.fn(() => {
      const ahead = Date.now();
      vi.setSystemTime(ahead - skew);
      const made = makeToken({ seconds: 600 });
      vi.setSystemTime(ahead);
      return made;
    });
    const { client } = await connected({ token });
    await pass(60_000);
    expect(token).toHaveBeenCalledTimes(1);
    await pass(540_000);
    expect(token).toHaveBeenCalledTimes(2);
    expect(client.state.status).toBe("connected");
  });

  test("that lasts a moment is not renewed all the time", async () => {
    const { hub } = await connected({ token: () => makeToken({ seconds: 1 }) });
    await pass(10_000);
    expect(hub.named("Authenticate").length).toBeLessThanOrEqual(10);
  });

  test("of another user while it is renewed starts everything anew", async () => {
    let user = "ann";
    const { hub, client } = await connected({ token: () => makeToken({ user, seconds: 600 }) });
    hub.answers.set("Authenticate", () => {
      throw new Error("HubException: forbidden: the caller may not do this");
    });
    user = "ben";
    await pass(482_000);
    expect(client.identity?.user).toBe("ben");
    expect(hub.links).toHaveLength(2);
  });

  test("that is refused is asked for once more before anybody is told", async () => {
    const hub = new FakeHub();
    const token = vi.fn(({ reason }: { reason: string }) => {
      if (reason === "refused") hub.refusal = null;
      return makeToken();
    });
    hub.refusal = new LinkError("unauthenticated", "no");
    const client = newClient(hub, { token });
    const seen = new Set<string>();
    client.onState(() => seen.add(client.state.status));
    client.start();
    await settle();
    expect(client.state.status).toBe("connected");
    expect(seen).not.toContain("unauthorized");
  });

  test.each([
    ["refused", new LinkError("unauthenticated", "no")],
    ["forbidden", new LinkError("forbidden", "no")],
  ])("that stays bad is unauthorized: %s; asked for every half minute, and at once after a sign-in", async (reason, refusal) => {
    const hub = new FakeHub();
    hub.refusal = refusal;
    const client = newClient(hub);
    client.start();
    await settle();
    expect(client.state).toMatchObject({ status: "unauthorized", reason });
    const tries = hub.links.length;
    await pass(14_000);
    expect(hub.links).toHaveLength(tries);
    await pass(16_000);
    expect(hub.links).toHaveLength(tries + 1);
    expect(client.state.status).toBe("unauthorized");
    hub.refusal = null;
    client.wake();
    await settle();
    expect(client.state.status).toBe("connected");
  });

  test("null is nobody signed in", async () => {
    const hub = new FakeHub();
    const client = newClient(hub, { token: () => null });
    client.start();
    await settle();
    expect(client.state).toMatchObject({ status: "unauthorized", reason: "no_token" });
    expect(hub.links).toHaveLength(0);
  });

  test("callback that throws, or never answers, is tried again", async () => {
    const answers = [() => Promise.reject(new Error("down")), () => new Promise<string>(() => undefined), () => Promise.resolve(makeToken())];
    const hub = new FakeHub();
    const client = newClient(hub, { token: () => answers.shift()!() });
    client.start();
    await settle();
    expect(client.state).toMatchObject({ status: "connecting", reason: "token_failed" });
    await pass(17_000);
    expect(client.state.status).toBe("connected");
  });
});

describe("Calls", () => {
  test("that were under way when the connection ended are interrupted, and those that may be made twice are made again", async () => {
    const { hub, client } = await connected();
    hub.answers.set("MarkRead", () => new Promise(() => undefined));
    hub.answers.set("Any", () => new Promise(() => undefined));
    const any = client.call("Any", []).catch((error: unknown) => error);
    const read = client.markRead("m-1");
    await settle();
    hub.answers.clear();
    hub.link.cut();
    await pass(500);
    await read;
    expect(await any).toMatchObject({ code: "interrupted" });
    expect(hub.named("MarkRead").map(({ args }) => args)).toEqual([["m-1"], ["m-1"]]);
    expect(hub.named("Any")).toHaveLength(1);
  });

  test("that may be made twice are not made over and over when a refusal is none that is known", async () => {
    const { hub, client } = await connected();
    hub.answers.set("MarkRead", () => {
      throw new Error("what is this");
    });
    const read = client.markRead("m-1").catch((error: unknown) => error);
    await pass(1_000);
    expect(hub.named("MarkRead")).toHaveLength(1);
    expect(await read).toMatchObject({ message: "what is this" });
  });

  test("wait for a connection, and no longer than they may", async () => {
    const hub = new FakeHub();
    hub.refusal = unreachable();
    const client = newClient(hub);
    client.start();
    const early = client.acknowledgeNotification("n-1").catch((error: unknown) => error);
    await pass(15_001);
    expect(await early).toMatchObject({ code: "offline" });
    const late = client.acknowledgeNotification("n-2");
    hub.refusal = null;
    client.wake();
    await settle();
    await late;
    expect(hub.named("AcknowledgeNotification").map(({ args }) => args)).toEqual([["n-2"]]);
  });

  test("that nobody answers time out", async () => {
    const { hub, client } = await connected();
    hub.answers.set("MarkRead", () => new Promise(() => undefined));
    const read = client.markRead("m-1").catch((error: unknown) => error);
    await pass(15_000);
    expect(await read).toMatchObject({ code: "timeout" });
  });

  test("are refused with a code and the field", async () => {
    const { hub, client } = await connected();
    hub.answers.set("Signal", () => {
      throw new Error("An unexpected error occurred invoking 'Signal' on the server. HubException: limit_exceeded: data has at most 4096 bytes");
    });
    await expect(client.signal("tenant", "x", {})).rejects.toMatchObject({ name: "RealtimeError", code: "limit_exceeded", field: "data", transient: false });
  });

  test("stay below the server's limit; what a person waits for goes first", async () => {
    const { hub, client } = await connected({ callsPerSecond: 10 });
    for (let n = 0; n < 30; n++) client.subscribe(`patient:${n}`, {});
    const read = client.markRead("m-1");
    await settle();
    expect(hub.calls).toHaveLength(10);
    await pass(100);
    await read;
    await pass(1_900);
    expect(hub.calls).toHaveLength(30);
    await pass(100);
    expect(hub.calls).toHaveLength(31);
  });
});
