import { systemClock } from "./clock.js";
import { MAX_BODY_BYTES } from "./outgoing.js";
import { consoleReporter, type Report } from "./report.js";

/** How events are queued and delivered. */
export interface ClinicPublisherOptions {
  /** Where the Clinic Api is, such as `https://clinic.internal`; a path is kept. */
  url: string;
  /** One of the Api's `Auth__ServiceKeys`. Never reported. */
  serviceKey: string;
  /** Events that may wait or be under way at a time. What comes above is dropped. Default 10,000. */
  capacity?: number;
  /** Bytes that may wait or be under way at a time. What comes above is dropped. Default 64 MB. */
  maxQueuedBytes?: number;
  /** Calls under way at a time; each topic has at most one. Default 8. */
  concurrency?: number;
  /** How old an event may get before it is dropped. Default 10 minutes. */
  giveUpAfterMs?: number;
  /** How long one call may take before it counts as failed and is repeated. Default 10 s. */
  attemptTimeoutMs?: number;
  /** Is told of every event that is dropped and every try that is repeated. Default: a warning on the console, at most one a second for each reason. */
  onReport?: (report: Report) => void;
}

const LONGEST_TIMER_MS = 24 * 60 * 60 * 1000;

/**
 * Fills in the defaults.
 * @throws TypeError that names the option that can't work.
 */
export function checkOptions(options: ClinicPublisherOptions): Required<ClinicPublisherOptions> {
  const checked = {
    capacity: 10_000,
    maxQueuedBytes: 64 * 1024 * 1024,
    concurrency: 8,
    giveUpAfterMs: 10 * 60 * 1000,
    attemptTimeoutMs: 10_000,
    ...withoutUndefined(options),
  };
  check(isUrl(checked.url), "url is the Clinic Api's address: http or https, without query, such as https://clinic.internal");
  // The key itself stays out of the message.
  check(typeof checked.serviceKey === "string" && /^[!-~]+$/.test(checked.serviceKey), "serviceKey is one of the Api's Auth__ServiceKeys: printable ASCII without spaces");
  check(isWhole(checked.capacity, 1, Number.MAX_SAFE_INTEGER), "capacity is a whole number of at least 1");
  check(isWhole(checked.maxQueuedBytes, MAX_BODY_BYTES, Number.MAX_SAFE_INTEGER), `maxQueuedBytes is a whole number of at least ${MAX_BODY_BYTES}, the size of one event`);
  check(isWhole(checked.concurrency, 1, 1000), "concurrency is 1 to 1000");
  check(isWhole(checked.giveUpAfterMs, 1, LONGEST_TIMER_MS), "giveUpAfterMs is 1 to a day");
  check(isWhole(checked.attemptTimeoutMs, 1, LONGEST_TIMER_MS), "attemptTimeoutMs is 1 to a day");
  check(checked.onReport === undefined || typeof checked.onReport === "function", "onReport is a function");
  return { ...checked, onReport: checked.onReport ?? consoleReporter(systemClock.elapsed) };
}

function check(holds: boolean, fault: string): void {
  if (!holds) throw new TypeError(`@clinic/publisher: ${fault}.`);
}

const isWhole = (value: unknown, least: number, most: number): boolean => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;

function isUrl(text: unknown): boolean {
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === "http:" || url.protocol === "https:") && url.search === "" && url.hash === "" && url.username === "" && url.password === "";
}

/** An option that is set to undefined, as from a missing environment variable, is one that is not set. */
const withoutUndefined = (options: ClinicPublisherOptions): ClinicPublisherOptions =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as unknown as ClinicPublisherOptions;
