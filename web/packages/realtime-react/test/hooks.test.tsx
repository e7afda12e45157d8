// @vitest-environment jsdom
import { act, render, screen } from "@testing-library/react";
import { Activity, startTransition, Suspense, use, useState } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LinkError, RealtimeClient } from "@clinic/realtime";
import {
  ConnectionStatusIndicator,
  RealtimeProvider,
  useAppointmentEvents,
  useConnectionStatus,
  useMessageEvents,
  useNotificationEvents,
  usePatientViewing,
  usePresenceEvents,
  useThreadRoom,
  useTopicEvents,
  useTypingIndicator,
  type Notifications,
  type PatientViewing,
  type TypingIndicator,
} from "@clinic/realtime-react";
import { entry, FakeHub, happen, hubError, makeToken, newClient, pass, show } from "./render.js";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => void vi.useRealTimers());

describe("RealtimeProvider", () => {
  test("connects once under StrictMode, and says goodbye when it goes", async () => {
    const { hub, view } = await show(null);
    await pass(1_000);
    expect(hub.links).toHaveLength(1);
    view.unmount();
    await pass(1_000);
    expect(hub.links).toHaveLength(1);
    expect(hub.links[0]?.goodbye).toBe(true);
  });

  test("makes a client of options, and asks the token callback of the last render", async () => {
    const hub = new FakeHub();
    const token = vi.fn(() => makeToken());
    const options = { url: "", link: hub.factory };
    const { change } = await show(
      <RealtimeProvider options={{ ...options, token: () => makeToken({ user: "old" }) }}>{null}</RealtimeProvider>,
    );
    await change(<RealtimeProvider options={{ ...options, token }}>{null}</RealtimeProvider>);
    expect(hub.links).toHaveLength(1);
    await happen(() => hub.links[0]?.cut());
    expect(token).toHaveBeenCalledWith({ reason: "connect" });
  });

  test("is asked for by name when it is missing", () => {
    const Bare = () => <>{useConnectionStatus().status}</>;
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    expect(() => render(<Bare />)).toThrow("not inside a <RealtimeProvider>");
  });
});

test("useConnectionStatus listens once however often it renders", async () => {
  const State = ({ n }: { n: number }) => <p>{`${n} ${useConnectionStatus().status}`}</p>;
  const { client, change } = await show(<State n={0} />);
  const listens = vi.spyOn(client, "onState");
  await change(<State n={1} />);
  await change(<State n={2} />);
  expect(screen.getByText("2 connected")).toBeTruthy();
  expect(listens).not.toHaveBeenCalled();
});

test("What was on show of a screen that is hidden is not shown again to whoever signed in meanwhile", async () => {
  const seen: string[] = [];
  function Online() {
    seen.push(usePresenceEvents().entries.map(({ user }) => user).join());
    return null;
  }
  const page = (mode: "visible" | "hidden") => (
    <Activity mode={mode}>
      <Online />
    </Activity>
  );
  let user = "ann";
  const hub = new FakeHub();
  const client = new RealtimeClient({ url: "https://clinic.test", token: () => makeToken({ user }), link: hub.factory, lingerMs: 50 });
  const { change } = await show(page("visible"), { hub, client });
  await happen(() => hub.present("tenant", { joins: [entry("cleo")] }));
  expect(seen.at(-1)).toBe("cleo");
  await change(page("hidden"));
  await pass(1_000);
  user = "ben";
  hub.topic("tenant").presence.entries = [entry("ben")];
  await happen(() => hub.link.cut());
  seen.length = 0;
  await change(page("visible"));
  await pass(0);
  expect(seen).not.toContain("cleo");
  expect(seen.at(-1)).toBe("ben");
});

describe("useTopicEvents", () => {
  test("hears each event once under StrictMode, with the handlers of the last render", async () => {
    const heard: string[] = [];
    function Chart({ label }: { label: string }) {
      useTopicEvents("patient:p-1", {
        on: { "vitals:updated": ({ data }) => void heard.push(`${label} ${data.version}`) },
        onReset: ({ reason }) => void heard.push(`${label} ${reason}`),
      });
      return null;
    }
    const { hub, client, change } = await show(<Chart label="a" />);
    expect(client.size).toMatchObject({ topics: 1, listeners: 1 });
    hub.publish("patient:p-1", { version: 1 });
    await change(<Chart label="b" />);
    hub.publish("patient:p-1", { version: 2 });
    expect(heard).toEqual(["a start", "a 1", "b 2"]);
    expect(hub.named("Subscribe")).toHaveLength(1);
    await change(null);
    await pass(1_000);
    expect(client.size).toMatchObject({ topics: 0, listeners: 0 });
    expect(hub.named("Unsubscribe")).toHaveLength(1);
  });

  test("follows its topic, and null is none", async () => {
    const Topic = ({ topic }: { topic: string | null }) => <p>{useTopicEvents(topic, {}).status}</p>;
    const { client, hub, change } = await show(<Topic topic="thread:a" />);
    await change(<Topic topic="thread:b" />);
    await pass(1_000);
    expect([...hub.link.topics]).toEqual(["thread:b"]);
    expect(screen.getByText("live")).toBeTruthy();
    await change(<Topic topic={null} />);
    await pass(1_000);
    expect(client.size.topics).toBe(0);
    expect(screen.getByText("waiting")).toBeTruthy();
  });

  test("says why a topic is refused", async () => {
    const hub = new FakeHub();
    hub.answers.set("Subscribe", () => {
      throw hubError("not_found: there is no such thing");
    });
    const Topic = () => <p>{useTopicEvents("thread:x", {}).error?.code}</p>;
    await show(<Topic />, { hub });
    expect(screen.getByText("not_found")).toBeTruthy();
  });

  test("a render that is thrown away subscribes to nothing", async () => {
    const never = new Promise<string>(() => undefined);
    function Slow() {
      useTopicEvents("thread:slow", {});
      return <>{use(never)}</>;
    }
    let turn = (_: boolean) => {};
    function Page() {
      const [slow, setSlow] = useState(false);
      turn = setSlow;
      return <Suspense fallback="waiting">{slow ? <Slow /> : <p>quick</p>}</Suspense>;
    }
    const { hub, client } = await show(<Page />);
    await act(async () => startTransition(() => turn(true)));
    await act(async () => startTransition(() => turn(false)));
    await pass(100);
    expect(client.size.topics).toBe(0);
    expect(hub.calls).toEqual([]);
  });
});

test("useAppointmentEvents tells them apart", async () => {
  const heard: string[] = [];
  function Schedule() {
    useAppointmentEvents({
      onCreated: ({ id }) => void heard.push(`created ${id}`),
      onUpdated: ({ id }) => void heard.push(`updated ${id}`),
      onCancelled: ({ id }) => void heard.push(`cancelled ${id}`),
      onCheckedIn: ({ patientId }) => void heard.push(`checked in ${patientId}`),
      onReset: ({ reason }) => void heard.push(reason),
    });
    return null;
  }
  const { hub } = await show(<Schedule />);
  for (const type of ["appointment:created", "appointment:updated", "appointment:cancelled"]) hub.publish("tenant", { id: "a-1" }, { type });
  hub.publish("tenant", { patientId: "p-1" }, { type: "patient:checked_in" });
  hub.publish("tenant", {}, { type: "toString" });
  hub.publish("tenant", {}, { type: "something:else" });
  expect(heard).toEqual(["start", "created a-1", "updated a-1", "cancelled a-1", "checked in p-1"]);
});

test("useMessageEvents hears messages and read receipts", async () => {
  const heard: string[] = [];
  function Thread() {
    useMessageEvents("t-1", { onMessage: ({ body }) => void heard.push(body), onRead: ({ user }) => void heard.push(`read by ${user}`) });
    return null;
  }
  const { hub } = await show(<Thread />);
  hub.publish("thread:t-1", { id: "m-1", body: "Bed 4" }, { type: "message:new" });
  hub.publish("thread:t-1", { messageId: "m-1", user: "ben" }, { type: "message:read" });
  expect(heard).toEqual(["Bed 4", "read by ben"]);
});

test("useThreadRoom shows who is there and who types, but not oneself as another", async () => {
  function Room() {
    const { present, others, typing } = useThreadRoom("t-1");
    return <p>{[present, others, typing].map((entries) => entries.map(({ user }) => user).join()).join(" | ")}</p>;
  }
  const { hub } = await show(<Room />);
  await happen(() => hub.present("thread:t-1", { joins: [entry("ann", { typing: true }), entry("ben", { since: "2026-01-01T09:00:00Z" })] }));
  expect(screen.getByText("ann,ben | ben |")).toBeTruthy();
  await happen(() => hub.present("thread:t-1", { updates: [entry("ben", { since: "2026-01-01T09:00:00Z", typing: true })] }));
  expect(screen.getByText("ann,ben | ben | ben")).toBeTruthy();
  await happen(() => hub.present("thread:t-1", { leaves: ["ben"] }));
  expect(screen.getByText("ann | |")).toBeTruthy();
});

test("useTypingIndicator calls once in three seconds and stops on unmounting", async () => {
  let typing!: TypingIndicator;
  function Field() {
    typing = useTypingIndicator("t-1");
    return null;
  }
  const { hub, change } = await show(<Field />);
  for (let n = 0; n < 20; n++) {
    typing.keystroke();
    await pass(100);
  }
  expect(hub.named("StartTyping")).toHaveLength(1);
  await change(null);
  expect(hub.named("StopTyping")).toHaveLength(1);
  await pass(10_000);
  expect(hub.named("StopTyping")).toHaveLength(1);
});

test("usePresenceEvents shows who is online and tells who comes and goes", async () => {
  const heard: string[] = [];
  function Online() {
    const { entries, live } = usePresenceEvents({ onJoin: ({ user }) => void heard.push(`+${user}`), onLeave: ({ user }) => void heard.push(`-${user}`) });
    return <p>{`${entries.map(({ user }) => user).join()} ${live ? "now" : "then"}`}</p>;
  }
  const hub = new FakeHub();
  hub.present("tenant", { joins: [entry("ann", { since: "2026-01-01T07:00:00Z" })] });
  await show(<Online />, { hub });
  await happen(() => hub.present("tenant", { joins: [entry("ben")] }));
  expect(screen.getByText("ann,ben now")).toBeTruthy();
  hub.refusal = new LinkError("unreachable", "nobody there");
  await happen(() => hub.link.cut());
  expect(screen.getByText("ann,ben then")).toBeTruthy();
  hub.present("tenant", { leaves: ["ben"] });
  hub.refusal = null;
  await pass(2_000);
  expect(screen.getByText("ann now")).toBeTruthy();
  expect(heard).toEqual(["+ben", "-ben"]);
});

test("useNotificationEvents hears the user's own, and acknowledges", async () => {
  const heard: string[] = [];
  let notifications!: Notifications;
  function Bell() {
    notifications = useNotificationEvents({
      onNew: ({ title }) => void heard.push(title),
      onUnread: ({ notifications: count }) => void heard.push(`${count} unread`),
      onAcknowledged: ({ id }) => void heard.push(`${id} acknowledged`),
    });
    return null;
  }
  const { hub } = await show(<Bell />);
  hub.publish("user", { id: "n-1", title: "Potassium 6.8" }, { type: "notification:new" });
  hub.publish("user", { messages: 0, notifications: 1 }, { type: "unread:changed" });
  await notifications.acknowledge("n-1");
  hub.publish("user", { id: "n-1", by: "ann", at: "" }, { type: "notification:acknowledged" });
  expect(hub.named("AcknowledgeNotification")[0]?.args).toEqual(["n-1"]);
  expect(heard).toEqual(["Potassium 6.8", "1 unread", "n-1 acknowledged"]);
});

describe("usePatientViewing", () => {
  let chart!: PatientViewing;
  function Chart({ patient = "p-1", enabled = true, onEditLost }: { patient?: string; enabled?: boolean; onEditLost?: (section: string) => void }) {
    chart = usePatientViewing(patient, { reason: "ward round", enabled, ...(onEditLost && { onEditLost }) });
    return <p>{`${chart.status}: ${chart.others.map(({ user }) => user).join()}`}</p>;
  }

  test("opens the chart once under StrictMode, shows the others, and closes it", async () => {
    const { hub, client, change } = await show(<Chart />);
    await happen(() => hub.present("patient:p-1", { joins: [entry("ann"), entry("ben", { editing: ["vitals"] })] }));
    expect(screen.getByText("open: ben")).toBeTruthy();
    expect(chart.editorOf("vitals")?.user).toBe("ben");
    expect(hub.named("OpenChart").map(({ args }) => args)).toEqual([["p-1", "ward round"]]);
    await change(null);
    await pass(1_000);
    expect(hub.named("CloseChart")).toHaveLength(1);
    expect(client.size).toMatchObject({ charts: 0, topics: 0, listeners: 0 });
  });

  test("opens nothing while it is not to", async () => {
    const { hub, change } = await show(<Chart enabled={false} />);
    expect(hub.calls).toEqual([]);
    await expect(chart.beginEdit("vitals")).rejects.toMatchObject({ code: "stopped" });
    await change(<Chart />);
    await pass(0);
    expect(screen.getByText("open:")).toBeTruthy();
  });

  test("that is refused asks again with another reason, once", async () => {
    const hub = new FakeHub();
    hub.answers.set("OpenChart", ([, reason]) => {
      if (reason !== "emergency") throw hubError("forbidden: reason_required: the patient's chart is restricted; open it with a reason");
      return { viewers: [] };
    });
    function Glass({ reason }: { reason?: string }) {
      const { status, error } = usePatientViewing("p-1", { reason });
      return <p>{`${status} ${error?.causeCode ?? ""}`}</p>;
    }
    const { change } = await show(<Glass />, { hub });
    expect(screen.getByText("refused reason_required")).toBeTruthy();
    await change(<Glass reason="emergency" />);
    await pass(0);
    expect(screen.getByText("open")).toBeTruthy();
    await change(<Glass reason="emergency" />);
    expect(hub.named("OpenChart").map(({ args }) => args[1])).toEqual([null, "emergency"]);
  });

  test("holds edits and tells when one is lost", async () => {
    const lost = vi.fn();
    const { hub } = await show(<Chart onEditLost={lost} />);
    hub.answers.set("BeginEdit", () => ({ granted: true, lease: "1.a", heldBy: null }));
    await act(() => chart.beginEdit("vitals"));
    expect(chart.edits.get("vitals")).toEqual({ status: "held", lease: "1.a" });
    hub.answers.set("BeginEdit", () => ({ granted: false, lease: null, heldBy: { user: "ben", name: "Ben", since: "" } }));
    await happen(() => hub.publish("patient:p-1", { section: "vitals", user: "ann", reason: "taken_over", by: "ben" }, { type: "edit:ended" }));
    expect(chart.edits.get("vitals")?.status).toBe("lost");
    expect(lost).toHaveBeenCalledTimes(1);
  });
});

test("ConnectionStatusIndicator says every state in words that are told to screen readers", async () => {
  const hub = new FakeHub();
  const seen: string[] = [];
  const words = () => void seen.push(screen.getByRole("status").textContent ?? "");
  const { client } = await show(<ConnectionStatusIndicator words={{ connected: "Live now" }} />, { hub });
  words();
  hub.refusal = new LinkError("unreachable", "nobody there");
  await happen(() => hub.link.cut());
  words();
  hub.refusal = new LinkError("unauthenticated", "no");
  await pass(1_000);
  words();
  await act(() => client.stop());
  words();
  expect(seen).toEqual(["Live now", "Reconnecting", "Signed out", "Offline"]);
  expect(screen.getByRole("status").dataset.status).toBe("offline");
});

test("An hour of screens that come and go under StrictMode leaves nothing behind", async () => {
  function Screen({ n }: { n: number }) {
    useConnectionStatus();
    useAppointmentEvents({});
    useTypingIndicator(`t-${n % 3}`);
    usePatientViewing(`p-${n % 3}`);
    useNotificationEvents({});
    return null;
  }
  const hub = new FakeHub();
  const client = newClient(hub);
  const { change } = await show(null, { hub, client });
  const round = async (n: number) => {
    await change(<Screen n={n} />);
    if (n % 10 === 9) await happen(() => hub.link.cut());
    await pass(15_000);
    await change(null);
    await pass(5_000);
  };
  await round(0);
  const after = { ...client.size, timers: vi.getTimerCount() };
  for (let n = 1; n < 180; n++) await round(n);
  expect({ ...client.size, timers: vi.getTimerCount() }).toEqual(after);
  expect(after).toMatchObject({ topics: 0, listeners: 0, charts: 0, stateListeners: 0, typing: 0 });
  expect(hub.link.topics.size).toBe(0);
});
