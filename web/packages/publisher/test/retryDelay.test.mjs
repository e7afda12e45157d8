import assert from "node:assert/strict";
import { test } from "node:test";
import { readRetryAfter } from "../dist/httpTransport.js";
import { FIRST_MS, FOR_KEY_MS, LONGEST_MS, retryDelay } from "../dist/retryDelay.js";

const again = { verdict: "again", reason: "503" };
const HOUR = 3_600_000;

test("the pause is anything from zero to a bound that doubles up to the longest", () => {
  for (let failures = 0; failures < 2000; failures++) {
    const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
    assert.equal(retryDelay(again, failures, 0, HOUR), 0);
    assert.equal(retryDelay(again, failures, 0.5, HOUR), bound / 2);
  }
});

test("what the other side asks for is waited in full, with the jitter on top", () => {
  assert.equal(retryDelay({ ...again, retryAfterMs: 7000 }, 0, 0, HOUR), 7000);
  assert.equal(retryDelay({ ...again, retryAfterMs: 7000 }, 0, 0.5, HOUR), 7000 + FIRST_MS / 2);
});

test("a refused key is tried slowly from the first time on", () => {
  const refused = { verdict: "keyRefused", reason: "401" };
  assert.equal(retryDelay(refused, 0, 0, HOUR), FOR_KEY_MS / 2);
  assert.ok(retryDelay(refused, 50, 0.999, HOUR) < FOR_KEY_MS);
});

test("no pause goes beyond the event's own end", () => {
  assert.equal(retryDelay({ ...again, retryAfterMs: HOUR }, 9, 0.9, 1500), 1500);
  assert.equal(retryDelay(again, 9, 0.9, -5), 0);
});

test("Retry-After is seconds or a date, and anything else is nothing", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  assert.equal(readRetryAfter("3", now), 3000);
  assert.equal(readRetryAfter("Thu, 01 Jan 2026 00:00:05 GMT", now), 5000);
  assert.equal(readRetryAfter("Thu, 01 Jan 2025 00:00:05 GMT", now), 0);
  assert.equal(readRetryAfter("soon", now), undefined);
  assert.equal(readRetryAfter(null, now), undefined);
});
