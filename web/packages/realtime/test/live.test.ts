// The client against the real Api. Needs its dll in CLINIC_API; test/run sets it.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { RealtimeClient, type RealtimeOptions } from "../src/index.js";
import { signalrLinks } from "../src/signalrLink.js";
import type { FakeHub } from "./fakeHub.js";
import { FakeBrowser } from "./fakeWorker.js";
import { LiveApi } from "./liveApi.js";

const dll = process.env["CLINIC_API"];

describe.skipIf(!dll)("Against the real Api", () => {
  let api: LiveApi;
  beforeAll(async () => {
    api = await LiveApi.start(dll!);
  }, 70_000);
  afterAll(() => api.end());

  const newClinic = () => `live-${randomUUID().slice(0, 8)}`;

  function connect(tenant: string, user: string, options: Partial<RealtimeOptions> = {}): RealtimeClient {
    const client = new RealtimeClient({ url: api.url, tenant, token: () => api.token(tenant, user), ...options });
    onTestFinished(() => client.stop());
    client.start();
    return client;
  }

  const until = (what: () => unknown, timeout = 10_000) => vi.waitFor(() => expect(what()).toBeTruthy(), { timeout, interval: 20 });

  test("two people see each other come, open a chart, edit and leave", async () => {
    const clinic = newClinic();
    const [ann, ben] = [connect(clinic, "ann"), connect(clinic, "ben")];
    const online = ann.subscribe("tenant", {});
    await until(() => online.presence.byUser.has("ben"));
    const lost = vi.fn();
    const chart = ann.openChart("p-1", { reason: "ward round" }, { onEditLost: (section, edit) => lost(section, edit.reason, edit.by) });
    const other = ben.openChart("p-1");
    await until(() => chart.viewers.byUser.has("ben") && other.viewers.byUser.get("ann")?.viewing?.reason === "ward round");
    const edit = await chart.beginEdit("vitals");
    expect(edit).toMatchObject({ granted: true });
    expect(await other.beginEdit("vitals")).toMatchObject({ granted: false, heldBy: { user: "ann" } });
    expect(await other.takeOverEdit("vitals")).toMatchObject({ granted: true });
    await until(() => chart.state.edits.get("vitals")?.status === "lost");
    expect(lost.mock.calls).toEqual([["vitals", "taken_over", "ben"]]);
    ann.setStatus("busy");
    const benOnline = ben.subscribe("tenant", {});
    await until(() => benOnline.presence.byUser.get("ann")?.status === "busy");
    await ann.stop();
    await until(() => !benOnline.presence.byUser.has("ann"), 2_000);
  });

  test("a server that is killed while events are published: every event once and in order, and what became of the edit is known", { timeout: 90_000 }, async () => {
    const clinic = newClinic();
    const heard = { ann: [] as number[], ben: [] as number[] };
    const resets: string[] = [];
    const statuses = new Set<string>();
    const clients = (["ann", "ben"] as const).map((user) => {
      const client = connect(clinic, user, { backoff: { maxMs: 500 } });
      client.onState(() => statuses.add(client.state.status));
      client.subscribe("patient:p-1", {
        onEvent: (event) => {
          if (event.type === "vitals:updated") heard[user].push(event.offset, (event.data as unknown as { n: number }).n);
        },
        onReset: ({ reason }) => void resets.push(reason),
      });
      return client;
    });
    const chart = clients[0]!.openChart("p-1");
    await chart.opened;
    const { lease } = await chart.beginEdit("vitals");
    await until(() => resets.length === 2);
    const publishing = (async () => {
      for (let n = 1; n <= 200; n++) await api.publish(clinic, "patient:p-1", `e-${n}`, { n });
    })();
    await until(() => heard.ben.length > 60);
    await api.kill();
    await until(() => clients.every(({ state }) => state.status === "reconnecting"));
    await api.start();
    await publishing;
    await until(() => Object.values(heard).every((all) => all.at(-1) === 200), 20_000);
    const numbers = (all: number[]) => all.filter((_, at) => at % 2 === 1);
    for (const all of Object.values(heard)) {
      expect(numbers(all)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
      const offsets = all.filter((_, at) => at % 2 === 0);
      expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    }
    expect(resets).toEqual(["start", "start"]);
    expect([...statuses].sort()).toEqual(["connected", "reconnecting"]);
    await until(() => chart.state.status === "open", 10_000);
    // Calls are answered in order: behind this one the client knows what became of its edit.
    await clients[0]!.call("SetStatus", ["active"]);
    const edit = chart.state.edits.get("vitals");
    // Whoever is back within the server's grace goes on; on a slow machine the edit may have ended, and then the client knows it.
    expect(edit?.status === "held").toBe((await chart.beginEdit("vitals")).lease === lease);
  });

  test("a token is renewed in place: the connection outlives the first", { timeout: 20_000 }, async () => {
    const clinic = newClinic();
    const token = vi.fn(() => api.token(clinic, "ann", { expiresInSeconds: 4 }));
    const client = connect(clinic, "ann", { token });
    await until(() => client.state.status === "connected");
    const { since } = client.state;
    await vi.waitFor(() => expect(token.mock.calls.length).toBeGreaterThan(3), { timeout: 12_000 });
    expect(client.state).toMatchObject({ status: "connected", since });
  });

  test("a bad token and another clinic's are told apart", async () => {
    const clinic = newClinic();
    const bad = connect(clinic, "ann", { token: () => "a.b.c" });
    const other = connect(clinic, "ann", { token: () => api.token(newClinic(), "ann") });
    await until(() => bad.state.reason === "refused" && other.state.reason === "forbidden");
    expect([bad.state.status, other.state.status]).toEqual(["unauthorized", "unauthorized"]);
  });

  test("refusals have their code and field", async () => {
    const client = connect(newClinic(), "ann");
    await expect(client.call("Subscribe", ["nonsense", null])).rejects.toMatchObject({ code: "invalid", field: "topic" });
    await expect(client.markRead("none")).rejects.toMatchObject({ code: "not_found" });
    await expect(client.signal("tenant", "x", "x".repeat(5_000))).rejects.toMatchObject({ code: "limit_exceeded", field: "data" });
    const thread = client.subscribe("thread:none", {});
    await until(() => thread.state.status === "refused");
  });

  test("tabs that share a connection are one, and one tab's edit is not the other's", async () => {
    const clinic = newClinic();
    const links: unknown[] = [];
    const make = signalrLinks();
    const counted = {
      links: [],
      factory: (request: Parameters<typeof make>[0]) => {
        const link = make(request);
        links.push(link);
        return link;
      },
    };
    const browser = new FakeBrowser(counted as unknown as FakeHub);
    const tab = (name: string) => browser.tab(name, { url: api.url, tenant: clinic, token: () => api.token(clinic, "ann") });
    const [first, second] = [tab("first"), tab("second")];
    const online = second.subscribe("tenant", {});
    await until(() => online.presence.byUser.get("ann")?.connections === 1 && first.state.status === "connected");
    expect(links).toHaveLength(1);
    const charts = [first.openChart("p-1"), second.openChart("p-1")] as const;
    const { lease } = await charts[0].beginEdit("vitals");
    expect(await charts[1].beginEdit("vitals")).toMatchObject({ granted: false, heldBy: { user: "ann" } });
    const taken = await charts[1].takeOverEdit("vitals");
    expect(taken.granted).toBe(true);
    expect(taken.lease).not.toBe(lease);
    await until(() => charts[0].state.edits.get("vitals")?.status === "lost");
    expect(charts[1].state.edits.get("vitals")?.status).toBe("held");
  });
});
