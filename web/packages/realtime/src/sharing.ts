import type { Connection, ConnectionSink, TokenSource } from "./connection.js";

export interface SharingRequest {
  readonly hubUrl: string;
  readonly token: TokenSource;
  readonly timeoutMs: number;
  readonly backoff: { readonly baseMs: number; readonly maxMs: number };
  readonly callsPerSecond: number;
}

/** Makes a connection that this page shares with others, or null where the browser can't. */
export type ConnectSharing = (request: SharingRequest, sink: ConnectionSink) => Connection | null;
