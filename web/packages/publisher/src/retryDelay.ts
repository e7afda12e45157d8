import type { Attempt } from "./attempt.js";

/** The first pause is at most this long; the bound doubles with each failure. */
export const FIRST_MS = 200;

/** Where doubling ends: also how late the news may come when the service is back. */
export const LONGEST_MS = 10_000;

/** A wrong key is mended by people: half of this to all of it between tries, so that the roll-over of a key loses nothing. */
export const FOR_KEY_MS = 30_000;

/**
 * How long to wait after a try that failed: exponential with full jitter, on top of what the other side asked for.
 * @param random 0 up to 1.
 * @param leftMs How long the event is still worth sending; the pause ends no later, so that it is dropped in time.
 */
export function retryDelay(failed: Attempt, failuresBefore: number, random: number, leftMs: number): number {
  const pause =
    failed.verdict === "keyRefused" ? FOR_KEY_MS * (0.5 + random / 2) : Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failuresBefore, 20)) * random;
  return Math.max(0, Math.min(leftMs, pause + Math.max(0, failed.retryAfterMs ?? 0)));
}
