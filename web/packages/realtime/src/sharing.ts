import type { Backoff } from "./backoff.js";
import type { Connection, ConnectionSink, TokenSource } from "./connection.js";

/** What a connection is made from, the page's own or a shared one. */
export interface ConnectionRequest {
  readonly hubUrl: string;
  readonly token: TokenSource;
  readonly timeoutMs: number;
  readonly backoff: Backoff;
  readonly callsPerSecond: number;
}

/** Makes a connection that this page shares with others, or null where the browser can't. `own` makes the page's own, for when sharing turns out to fail. */
export type ConnectSharing = (request: ConnectionRequest, sink: ConnectionSink, own: () => Connection) => Connection | null;
