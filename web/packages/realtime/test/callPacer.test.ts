import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CallPacer } from "../src/callPacer.js";
import { subjectOf } from "../src/callSubject.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A pacer that has no call left at once, and what it let through. */
function busy() {
  const made: string[] = [];
  const pacer = new CallPacer(10);
  for (let n = 0; n < 10; n++) pacer.run(() => undefined, false);
  const call = (name: string, background: boolean, method: string, ...args: string[]) => pacer.run(() => void made.push(name), background, subjectOf(method, args));
  return { made, call };
}

test("A chart that is opened again is opened after it was closed, though opening is what a person waits for", async () => {
  const { made, call } = busy();
  call("other", true, "Subscribe", "tenant");
  call("end", true, "EndEdit", "p-1", "vitals");
  call("close", true, "CloseChart", "p-1");
  call("unsubscribe", true, "Unsubscribe", "patient:p-1");
  call("open", false, "OpenChart", "p-1");
  call("begin", false, "BeginEdit", "p-1", "vitals");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(made).toEqual(["end", "close", "unsubscribe", "open", "begin", "other"]);
});

test("What concerns nothing in common is in order of hurry", async () => {
  const { made, call } = busy();
  call("close 2", true, "CloseChart", "p-2");
  call("status", true, "SetStatus", "away");
  call("read", false, "MarkRead", "m-1");
  call("open 1", false, "OpenChart", "p-1");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(made).toEqual(["read", "open 1", "close 2", "status"]);
});
