/**
 * - `connecting`: there was no connection yet.
 * - `connected`: calls and events flow.
 * - `reconnecting`: there was one, and the next try is under way or waited for.
 * - `offline`: the browser says that there is no network (tries go on), or the client was stopped.
 * - `unauthorized`: there is no token, or the server refuses it. Asked again every half minute, and at once after `client.wake()`.
 */
export type ConnectionStatus = "connecting" | "connected" | "reconnecting" | "offline" | "unauthorized";

export type ConnectionReason =
  /** The client was stopped, or not started yet. */
  | "stopped"
  /** The browser says that there is no network. */
  | "no_network"
  /** The connection broke, or could not be made. */
  | "lost"
  /** The server goes down in good order. */
  | "shutdown"
  /** The token ended before there was a fresh one. */
  | "token_expired"
  /** The token callback answered null. */
  | "no_token"
  /** The token is bad or expired. */
  | "refused"
  /** The token is of another clinic than the page believes. */
  | "forbidden"
  /** The token callback threw. */
  | "token_failed";

/** Never changed: each change makes a new one. */
export interface ConnectionState {
  readonly status: ConnectionStatus;
  /** Why it is not connected; null when it is, and at the first try. */
  readonly reason: ConnectionReason | null;
  /** When this status began, in milliseconds since 1970. */
  readonly since: number;
  /** Tries that failed since the last connection. */
  readonly attempt: number;
  /** When the next try comes, in milliseconds since 1970; null while one is under way or none will come. */
  readonly retryAt: number | null;
}

/** What a server renders, and a client that was not started yet shows. */
export const initialState: ConnectionState = Object.freeze({ status: "connecting", reason: null, since: 0, attempt: 0, retryAt: null });
