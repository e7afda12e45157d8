import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LinkError, type ChartListener } from "../src/index.js";
import { connected, newClient, pass, settle } from "./clients.js";
import { entry, FakeHub, hubError, makeToken } from "./fakeHub.js";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => void vi.useRealTimers());

const granted = (lease: string) => ({ granted: true, lease, heldBy: { user: "ann", name: "Ann", since: "2026-01-01T08:00:00Z" } });
const heldByBen = { granted: false, lease: null, heldBy: { user: "ben", name: "Ben", since: "2026-01-01T08:00:00Z" } };
const made = (hub: FakeHub) => hub.calls.map(({ method, args }) => [method, ...args].filter((part) => part !== null).join(" "));

async function open(reason?: string, listener: ChartListener = {}) {
  const { hub, client } = await connected();
  const chart = client.openChart("p-1", { reason }, listener);
  await chart.opened;
  await settle();
  return { hub, client, chart };
}

async function editing() {
  const lost = vi.fn();
  const { hub, client, chart } = await open(undefined, { onEditLost: (section, edit) => lost(section, edit.reason, edit.heldBy?.user) });
  hub.answers.set("BeginEdit", () => granted("1.a"));
  expect(await chart.beginEdit("vitals")).toMatchObject({ granted: true, lease: "1.a" });
  hub.calls.length = 0;
  return { hub, client, chart, lost };
}

describe("A chart", () => {
  test("is opened once for all its sessions, with the first reason, and closed with the last", async () => {
    const { hub, client, chart } = await open("ward round");
    const second = client.openChart("p-1", { reason: "other" });
    await second.opened;
    expect(hub.named("OpenChart").map(({ args }) => args)).toEqual([["p-1", "ward round"]]);
    chart.close();
    await pass(1_000);
    expect(hub.named("CloseChart")).toHaveLength(0);
    second.close();
    await pass(1_000);
    expect(hub.named("CloseChart").map(({ args }) => args)).toEqual([["p-1"]]);
    expect(client.size).toMatchObject({ charts: 0, topics: 0 });
  });

  test("shows its viewers, and is opened again with the next connection", async () => {
    const { hub, chart } = await open("ward round");
    hub.present("patient:p-1", { joins: [entry("ann"), entry("ben", { since: "2026-01-01T09:00:00Z" })] });
    expect(chart.viewers.entries.map(({ user }) => user)).toEqual(["ann", "ben"]);
    hub.link.cut();
    expect(chart.state.status).toBe("opening");
    await settle();
    expect(chart.state.status).toBe("open");
    expect(hub.named("OpenChart").map(({ args }) => args)).toEqual([
      ["p-1", "ward round"],
      ["p-1", null],
    ]);
  });

  test("that is refused says why, and opens with a reason", async () => {
    const { hub, client } = await connected();
    hub.answers.set("OpenChart", ([, reason]) => {
      if (reason === null) throw hubError("forbidden: the caller may not do this");
      return { viewers: [] };
    });
    hub.answers.set("Subscribe", (args, link) => {
      if (hub.named("OpenChart").every(({ args: [, reason] }) => reason === null)) throw hubError("forbidden: the caller may not do this");
      return hub.subscribe(link, String(args[0]), null);
    });
    const chart = client.openChart("p-1");
    await expect(chart.opened).rejects.toMatchObject({ code: "forbidden" });
    await settle();
    expect(chart.state).toMatchObject({ status: "refused", error: { code: "forbidden" } });
    await chart.reopen("unconscious, allergies unknown");
    await settle();
    expect(chart.state).toMatchObject({ status: "open", error: null });
    expect(chart.viewers.live).toBe(true);
  });

  test.each(["expired", "restricted"])("that is taken away (%s) is refused until there is a new reason, and its edits are lost", async (reason) => {
    const lost = vi.fn();
    const { hub, chart } = await open("emergency", { onEditLost: (section, edit) => lost(section, edit.reason) });
    hub.answers.set("BeginEdit", () => ({ granted: true, lease: "1.a", heldBy: null }));
    await chart.beginEdit("vitals");
    hub.answers.set("Subscribe", () => {
      throw hubError("forbidden: reason_required: the patient's chart is restricted; open it with a reason");
    });
    hub.link.receive("reset", { topic: "patient:p-1", reason });
    await settle();
    expect(chart.state).toMatchObject({ status: "refused", error: { code: "forbidden", causeCode: "reason_required" } });
    expect(lost.mock.calls).toEqual([["vitals", "expired"]]);
    expect(chart.viewers.live).toBe(false);
    hub.answers.clear();
    await chart.reopen("emergency, again");
    await settle();
    expect(hub.named("OpenChart").at(-1)?.args).toEqual(["p-1", "emergency, again"]);
    expect(chart.state.status).toBe("open");
    expect(chart.viewers.live).toBe(true);
  });

  test("that is refused after a reconnect takes its edits with it", async () => {
    const { hub, chart, lost } = await editing();
    hub.answers.set("OpenChart", () => {
      throw hubError("forbidden: reason_required: the patient's chart is restricted; open it with a reason");
    });
    hub.link.cut();
    await settle();
    expect(chart.state.status).toBe("refused");
    expect(lost.mock.calls).toEqual([["vitals", "connection_lost", undefined]]);
  });

  test("that is closed while there is no connection is not opened again by an edit that waits for one", async () => {
    const { hub, chart } = await open();
    hub.refusal = new LinkError("unreachable", "nobody there");
    hub.link.cut();
    const edit = chart.beginEdit("vitals").catch((error: unknown) => error);
    chart.close();
    await pass(1_000);
    hub.refusal = null;
    hub.calls.length = 0;
    await pass(5_000);
    expect(hub.links.at(-1)?.up).toBe(true);
    expect(made(hub)).toEqual([]);
    expect(await edit).toMatchObject({ code: "stopped" });
  });

  test("that can't be put on record for the moment is tried again", async () => {
    const { hub, client } = await connected();
    hub.answers.set("OpenChart", () => {
      throw hubError("unavailable: a part of the system can't be reached; try again");
    });
    const chart = client.openChart("p-1");
    await pass(300);
    hub.answers.clear();
    await pass(2_000);
    expect(chart.state.status).toBe("open");
  });
});

describe("A reason", () => {
  /** A server that is out of reach for as long as it says, and refuses a restricted chart without a reason. */
  async function asked() {
    let user = "ann";
    const hub = new FakeHub();
    const client = newClient(hub, { token: () => (user === "" ? null : makeToken({ user })) });
    client.start();
    await settle();
    hub.answers.set("OpenChart", () => {
      throw hubError("unavailable: a part of the system can't be reached; try again");
    });
    const chart = client.openChart("p-1", { reason: "emergency" });
    chart.opened.catch(() => undefined);
    await settle();
    expect(hub.named("OpenChart").map(({ args }) => args[1])).toEqual(["emergency"]);
    hub.calls.length = 0;
    return { hub, client, chart, signIn: (other: string) => void (user = other) };
  }
  const reasons = (hub: FakeHub) => hub.named("OpenChart").map(({ args }) => args[1]);

  test("is never given on behalf of somebody else who signed in before the chart was open", async () => {
    const { hub, client, signIn } = await asked();
    hub.answers.clear();
    signIn("ben");
    hub.link.cut();
    await settle();
    expect(client.identity?.user).toBe("ben");
    expect(reasons(hub)).toEqual([null]);
  });

  test("is forgotten when the user signs out, also for when they come back", async () => {
    const { hub, client, signIn } = await asked();
    hub.answers.clear();
    signIn("");
    hub.link.cut();
    await settle();
    expect(client.state.status).toBe("unauthorized");
    expect(client.identity).toBeNull();
    signIn("ann");
    client.wake();
    await settle();
    expect(reasons(hub)).toEqual([null]);
  });

  test("is not given again after the chart was taken away while it was being opened", async () => {
    const { hub, chart } = await asked();
    hub.answers.clear();
    hub.link.receive("reset", { topic: "patient:p-1", reason: "restricted" });
    expect(chart.state.status).toBe("refused");
    hub.link.cut();
    await settle();
    expect(reasons(hub)).toEqual([null]);
  });

  test("for a chart that is open already is not kept for later", async () => {
    const { hub, chart } = await open("emergency");
    await chart.reopen("another");
    hub.link.cut();
    await settle();
    expect(reasons(hub)).toEqual(["emergency", null]);
  });
});

test("A call that waits for a connection is not made in the name of somebody else", async () => {
  let user = "ann";
  const hub = new FakeHub();
  const client = newClient(hub, { token: () => makeToken({ user }) });
  client.start();
  await settle();
  hub.refusal = new LinkError("unreachable", "nobody there");
  hub.link.cut();
  await settle();
  const read = client.markRead("m-1").catch((error: unknown) => error);
  user = "ben";
  hub.refusal = null;
  await pass(1_000);
  expect(client.identity?.user).toBe("ben");
  expect(await read).toMatchObject({ code: "stopped" });
  expect(hub.named("MarkRead")).toHaveLength(0);
});

describe("An edit", () => {
  test("that somebody else holds is an answer, and can be taken over", async () => {
    const { hub, chart } = await open();
    hub.answers.set("BeginEdit", () => heldByBen);
    expect(await chart.beginEdit("vitals")).toEqual(heldByBen);
    expect(chart.state.edits.size).toBe(0);
    hub.answers.set("TakeOverEdit", () => granted("2.b"));
    await chart.takeOverEdit("vitals");
    expect(chart.state.edits.get("vitals")).toEqual({ status: "held", lease: "2.b" });
    await chart.endEdit("vitals");
    expect(chart.state.edits.size).toBe(0);
    expect(made(hub).at(-1)).toBe("EndEdit p-1 vitals");
  });

  test("is renewed every quarter of an hour until it ends", async () => {
    const { hub, chart, lost } = await editing();
    await pass(3 * 3_600_000);
    expect(hub.named("BeginEdit")).toHaveLength(12);
    expect(lost).not.toHaveBeenCalled();
    await chart.endEdit("vitals");
    hub.calls.length = 0;
    await pass(3_600_000);
    expect(hub.named("BeginEdit")).toHaveLength(0);
  });

  test("that a colleague took over is lost, and says who has it", async () => {
    const { hub, chart, lost } = await editing();
    hub.answers.set("BeginEdit", () => heldByBen);
    hub.publish("patient:p-1", { section: "vitals", user: "ann", reason: "taken_over", by: "ben" }, { type: "edit:ended" });
    await settle();
    expect(chart.state.edits.get("vitals")).toMatchObject({ status: "lost", reason: "taken_over", by: "ben", heldBy: { user: "ben" } });
    expect(lost.mock.calls).toEqual([["vitals", "taken_over", "ben"]]);
  });

  test("that somebody took over unheard is lost when the topic starts anew, and says who has it", async () => {
    const { hub, chart, lost } = await editing();
    hub.answers.set("BeginEdit", () => heldByBen);
    hub.topic("patient:p-1").epoch = "e2";
    hub.link.receive("reset", { topic: "patient:p-1" });
    await settle();
    expect(lost.mock.calls).toEqual([["vitals", "taken_over", "ben"]]);
    expect(chart.state.edits.get("vitals")).toMatchObject({ status: "lost", by: "ben", heldBy: { user: "ben" } });
    expect(chart.state.status).toBe("open");
  });

  test("that is still held goes on when the topic starts anew, asked once", async () => {
    const { hub, chart, lost } = await editing();
    hub.link.receive("reset", { topic: "patient:p-1" });
    await settle();
    expect(made(hub).filter((call) => !call.startsWith("Subscribe"))).toEqual(["OpenChart p-1", "BeginEdit p-1 vitals"]);
    expect(lost).not.toHaveBeenCalled();
    expect(chart.state.edits.get("vitals")).toEqual({ status: "held", lease: "1.a" });
  });

  test("goes with the chart that the user may not see any more", async () => {
    const { hub, chart, lost } = await editing();
    for (const method of ["Subscribe", "OpenChart", "BeginEdit"]) {
      hub.answers.set(method, () => {
        throw hubError("forbidden: the caller may not do this");
      });
    }
    hub.link.receive("reset", { topic: "patient:p-1" });
    await settle();
    expect(chart.state).toMatchObject({ status: "refused", error: { code: "forbidden" } });
    expect(lost).toHaveBeenCalledTimes(1);
  });

  test("stays when an older end is told late", async () => {
    const { hub, chart, lost } = await editing();
    hub.publish("patient:p-1", { section: "vitals", user: "ann", reason: "connection_lost", by: null }, { type: "edit:ended" });
    hub.publish("patient:p-1", { section: "vitals", user: "ben", reason: "ended", by: "ben" }, { type: "edit:ended" });
    await settle();
    expect(lost).not.toHaveBeenCalled();
    expect(chart.state.edits.get("vitals")).toEqual({ status: "held", lease: "1.a" });
    expect(hub.named("BeginEdit")).toHaveLength(1);
  });

  test("goes on with the next connection when the lease is the same", async () => {
    const { hub, chart, lost } = await editing();
    hub.link.cut();
    await settle();
    expect(made(hub).filter((call) => !call.startsWith("Subscribe"))).toEqual(["OpenChart p-1", "BeginEdit p-1 vitals"]);
    expect(lost).not.toHaveBeenCalled();
    expect(chart.state.edits.get("vitals")?.status).toBe("held");
  });

  test("with another lease after a reconnect had ended meanwhile: it is lost and given back", async () => {
    const { hub, chart, lost } = await editing();
    hub.answers.set("BeginEdit", () => granted("3.c"));
    hub.link.cut();
    await settle();
    expect(lost.mock.calls).toEqual([["vitals", "connection_lost", undefined]]);
    expect(chart.state.edits.get("vitals")?.status).toBe("lost");
    expect(made(hub).at(-1)).toBe("EndEdit p-1 vitals");
  });
});
