/** What a user chose, or what the page says of itself. The server adds `reconnecting`. */
export type Status = "active" | "away" | "busy" | "hidden";

/** One user on a topic, however many windows they have. */
export interface PresenceEntry {
  readonly user: string;
  readonly name: string;
  readonly role: string;
  readonly status: Status | "reconnecting";
  /** How many of the user's connections are live. */
  readonly connections: number;
  /** Since when the user is there, RFC 3339. */
  readonly since: string;
  /** On a chart: since when it is open, and why; whether a restricted one was opened with a reason, and until when that is good. */
  readonly viewing?: { readonly since: string; readonly reason?: string; readonly breakGlass?: boolean; readonly until?: string };
  /** On a thread: whether the user types. */
  readonly typing?: boolean;
  /** On a chart: the sections whose edit the user holds. */
  readonly editing?: readonly string[];
}

/** The presence of a topic as it is known. Never changed: each change makes a new one. */
export interface PresenceSnapshot {
  /** In the order in which people came. */
  readonly entries: readonly PresenceEntry[];
  readonly byUser: ReadonlyMap<string, PresenceEntry>;
  /** False until the topic's first answer, and while the connection is down: the entries are then the last known. */
  readonly live: boolean;
}

/** What changed between two snapshots of a topic's presence. */
export interface PresenceChange {
  readonly topic: string;
  readonly joins: readonly PresenceEntry[];
  readonly updates: readonly PresenceEntry[];
  readonly leaves: readonly PresenceEntry[];
  readonly presence: PresenceSnapshot;
}

/** Presence as it is sent with the answer of `Subscribe`. */
export interface WirePresence {
  readonly epoch: string;
  readonly version: number;
  readonly entries: readonly PresenceEntry[];
}

/** Presence as it is sent while one is subscribed. */
export interface WirePresenceDiff {
  readonly topic: string;
  readonly epoch: string;
  readonly version: number;
  readonly joins: readonly PresenceEntry[];
  readonly updates: readonly PresenceEntry[];
  readonly leaves: readonly string[];
}
