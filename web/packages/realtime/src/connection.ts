import type { ClinicEvent, Signal } from "./events.js";
import type { WirePresenceDiff } from "./presence.js";
import type { ConnectionState } from "./state.js";
import type { Identity } from "./token.js";

/** Told what happens on a connection. `up` comes before anything of that connection, `down` after all of it. */
export interface ConnectionSink {
  state(state: ConnectionState): void;
  /** Who the token is of; null when it does not say. Subscriptions, charts and edits of before are gone. */
  up(identity: Identity | null): void;
  down(): void;
  events(events: readonly ClinicEvent[]): void;
  presence(diff: WirePresenceDiff): void;
  signals(signals: readonly Signal[]): void;
  /** With a reason a restricted chart was taken away. */
  reset(topic: string, reason: string | null): void;
}

/** A connection that comes back by itself, the page's own or one that it shares with the browser's other pages. */
export interface Connection {
  start(): void;
  stop(): Promise<void>;
  /** Tries now when it waits for the next try, and looks whether it lives when it seems connected. */
  wake(online?: boolean): void;
  /** The browser says that the network went. */
  networkLost(): void;
  /** Refused with `offline` when there is no connection, `interrupted` when it ends before the answer. */
  invoke(method: string, args: readonly unknown[], background?: boolean): Promise<unknown>;
}

export type TokenReason =
  /** To connect, for the first time or again. */
  | "connect"
  /** To go on with before the present one ends. */
  | "renew"
  /** The server refused the one that it was just given. */
  | "refused";

/** Answers the token to present, or null when nobody is signed in. */
export type TokenSource = (request: { readonly reason: TokenReason }) => string | null | Promise<string | null>;
