import type { Attempt } from "./attempt.js";
import type { OutgoingEvent } from "./outgoing.js";

/** Carries one event to the Clinic, once. Trouble on the way is an answer, not an exception. */
export type Transport = (event: OutgoingEvent, ended: AbortSignal) => Promise<Attempt>;

/** Carries events over `POST /api/events`. */
export function httpTransport(url: string, serviceKey: string, attemptTimeoutMs: number): Transport {
  const address = `${url.replace(/\/+$/, "")}/api/events`;
  const headers = { authorization: `ServiceKey ${serviceKey}`, "content-type": "application/json" };
  return async (event, ended) => {
    const abort = new AbortController();
    const onEnd = () => abort.abort();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      abort.abort();
    }, attemptTimeoutMs).unref();
    ended.addEventListener("abort", onEnd, { once: true });
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: { ...headers, "x-tenant": headerText(event.tenant) },
        body: event.body,
        // A redirected POST would arrive as a GET, or without its key.
        redirect: "manual",
        signal: abort.signal,
      });
      // Read, so that the connection can be used again; what it says is for people.
      await answer.arrayBuffer();
      return judge(answer);
    } catch {
      return { verdict: "again", reason: timedOut ? "timeout" : "network" };
    } finally {
      clearTimeout(timer);
      ended.removeEventListener("abort", onEnd);
    }
  };
}

/** A clinic's id may be any text; the Api reads headers as UTF-8 and fetch takes bytes. */
const headerText = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** Anything but the contract's own 202 is no success: a proxy's page may well be a 200. */
function judge(answer: Response): Attempt {
  const reason = String(answer.status);
  if (answer.status === 202) return { verdict: "delivered", reason };
  if (answer.status === 401) return { verdict: "keyRefused", reason };
  if (answer.status === 408 || answer.status === 429 || answer.status >= 500) {
    const retryAfterMs = readRetryAfter(answer.headers.get("retry-after"), Date.now());
    return retryAfterMs === undefined ? { verdict: "again", reason } : { verdict: "again", reason, retryAfterMs };
  }
  return { verdict: "refused", reason };
}

/** Seconds or a date, in milliseconds from now; undefined for anything else. */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
