import type { RealtimeError } from "./errors.js";
import type { ClinicEvent, Signal } from "./events.js";
import type { PresenceChange, PresenceSnapshot } from "./presence.js";

/** - `waiting`: for a connection, or for the topic's answer. - `live`: everything arrives. - `refused`: the server says no; tried again with the next connection. */
export type TopicState =
  | { readonly status: "waiting"; readonly error: null }
  | { readonly status: "live"; readonly error: null }
  | { readonly status: "refused"; readonly error: RealtimeError };

/** Why what was loaded before may miss something. */
export type ResetReason =
  /** The listener's first: it hears everything from now on, and nothing of before. */
  | "start"
  /** It was away for longer than the topic remembers. */
  | "gap"
  /** The server could not close a gap. */
  | "reset"
  /** The token is of somebody else than before. */
  | "identity";

export interface Reset {
  readonly topic: string;
  readonly reason: ResetReason;
}

/** What one wants to hear of a topic. A handler that throws is reported and harms no other. */
export interface TopicListener {
  /** Each event once, in order. */
  onEvent?(event: ClinicEvent): void;
  /** Load what is on show from REST, now: events go on from here. */
  onReset?(reset: Reset): void;
  /** Who came, changed and went since the first snapshot, also while the connection was down. */
  onPresence?(change: PresenceChange): void;
  onSignal?(signal: Signal): void;
  /** The topic's state or presence changed: read them anew. */
  onChange?(): void;
}

export interface Subscription {
  readonly topic: string;
  readonly state: TopicState;
  readonly presence: PresenceSnapshot;
  /** Ends this subscription; the topic's last one leaves the topic. Doing it again does nothing. */
  close(): void;
}
