import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connected, pass, settle } from "./clients.js";
import type { FakeHub } from "./fakeHub.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const told = (hub: FakeHub) => hub.calls.filter(({ method }) => method.endsWith("Typing")).map(({ method }) => method.replace("Typing", ""));

test("A fast typist costs one call in three seconds", async () => {
  const { hub, client } = await connected();
  const typing = client.typing("t-1");
  for (let ms = 0; ms < 10_000; ms += 100) {
    typing.keystroke();
    await pass(100);
  }
  expect(told(hub)).toEqual(["Start", "Start", "Start", "Start"]);
  expect(hub.calls[0]?.args).toEqual(["t-1"]);
  typing.stop();
});

test("A pause stops, and the next keystroke starts at once", async () => {
  const { hub, client } = await connected();
  const typing = client.typing("t-1");
  typing.keystroke();
  await pass(2_999);
  expect(told(hub)).toEqual(["Start"]);
  await pass(1);
  expect(told(hub)).toEqual(["Start", "Stop"]);
  typing.keystroke();
  expect(told(hub)).toEqual(["Start", "Stop", "Start"]);
  typing.stop();
});

test("Sending stops at once, and only once", async () => {
  const { hub, client } = await connected();
  const typing = client.typing("t-1");
  typing.keystroke();
  typing.stop();
  typing.stop();
  await pass(10_000);
  expect(told(hub)).toEqual(["Start", "Stop"]);
  expect(client.size.typing).toBe(0);
});

test("Two fields of one thread stop with the last", async () => {
  const { hub, client } = await connected();
  const [first, second] = [client.typing("t-1"), client.typing("t-1")];
  first.keystroke();
  second.keystroke();
  first.stop();
  expect(told(hub)).toEqual(["Start"]);
  second.stop();
  expect(told(hub)).toEqual(["Start", "Stop"]);
});

test("With the connection typing is forgotten: nothing is told late, the next keystroke tells it anew", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const { hub, client } = await connected();
  const typing = client.typing("t-1");
  typing.keystroke();
  hub.link.cut();
  typing.keystroke();
  await pass(1_000);
  expect(told(hub)).toEqual(["Start"]);
  typing.keystroke();
  await settle();
  expect(told(hub)).toEqual(["Start", "Start"]);
  typing.stop();
});
