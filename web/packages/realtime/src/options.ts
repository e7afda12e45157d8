import type { IHubProtocol } from "@microsoft/signalr";
import type { TokenSource } from "./connection.js";
import { RealtimeError } from "./errors.js";
import type { HubLinkFactory } from "./hubLink.js";
import type { ConnectSharing } from "./sharing.js";

export interface RealtimeOptions {
  /** Address of the Api, such as `https://clinic.example`; empty for the page's own origin. */
  readonly url: string;
  /** Asked for a token to connect, before the present one ends, and when one was refused. Answers null when nobody is signed in. */
  readonly token: TokenSource;
  /** The clinic that the page believes to be in. A token of another is refused: `unauthorized`, reason `forbidden`. */
  readonly tenant?: string | undefined;
  /** `sharedWorker()` of `@clinic/realtime/shared`: one connection for all tabs of a user. Without it, and where the browser can't, each page has its own. */
  readonly sharing?: ConnectSharing | undefined;
  /** SignalR's protocol; JSON when left out. Not with `sharing`, whose worker speaks JSON. */
  readonly protocol?: IHubProtocol | undefined;
  /** How long a token, a connection, an answer, and a call's wait for a connection may take; 15,000 when left out. */
  readonly timeoutMs?: number | undefined;
  /** The longest first pause between tries, 500 when left out, which doubles up to `maxMs`, 20,000; pauses are anything from nothing to that. */
  readonly backoff?: { readonly baseMs?: number | undefined; readonly maxMs?: number | undefined } | undefined;
  /** Calls a second, and at once; 40 when left out. The server's own limit is 50. */
  readonly callsPerSecond?: number | undefined;
  /** How long a topic or a chart that nobody uses any more stays open, for screens that change quickly; 300 when left out. */
  readonly lingerMs?: number | undefined;
  /** Told what a handler threw, and what went wrong where nobody waits for an answer; `reportError` or the console when left out. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Makes connections; SignalR's over WebSockets when left out. For tests. */
  readonly link?: HubLinkFactory | undefined;
}

/** Of every number among the options: ten minutes. */
const most = 600_000;

/** Throws `invalid` and names the option: what is wrong with one is easier to see here than in a connection that never comes. */
export function checkOptions(options: RealtimeOptions): void {
  const must = (holds: boolean, field: string, what: string) => {
    if (!holds) throw new RealtimeError("invalid", `${field} ${what}`, { field });
  };
  const { url, token, timeoutMs, backoff, callsPerSecond, lingerMs } = options;
  must(typeof url === "string" && /^(https?:\/\/[^/]|\/|$)/.test(url), "url", "is an http(s) address, a path, or empty");
  must(typeof token === "function", "token", "is a function");
  const numbers: [field: string, value: number | undefined, least: number][] = [
    ["timeoutMs", timeoutMs, 100],
    ["backoff.baseMs", backoff?.baseMs, 1],
    ["backoff.maxMs", backoff?.maxMs, 1],
    ["callsPerSecond", callsPerSecond, 1],
    ["lingerMs", lingerMs, 0],
  ];
  for (const [field, value, least] of numbers) must(value === undefined || (value >= least && value <= most), field, `is a number from ${least} to ${most}`);
}

/** The hub's address, in full where there is a page: a worker knows none. */
export function hubUrl({ url, tenant }: Pick<RealtimeOptions, "url" | "tenant">): string {
  const origin = typeof location !== "undefined" && !url.startsWith("http") ? location.origin : "";
  const base = `${origin}${url}`.replace(/\/+$/, "");
  return `${base}/hubs/clinic${tenant === undefined ? "" : `?tenant=${encodeURIComponent(tenant)}`}`;
}
