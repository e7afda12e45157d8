import type { PresenceEntry, PresenceSnapshot, WirePresence, WirePresenceDiff } from "./presence.js";

const nobody: readonly PresenceEntry[] = Object.freeze([]);

/** What is shown of a topic before its first answer. */
export const unknownPresence: PresenceSnapshot = Object.freeze({ entries: nobody, byUser: new Map<string, PresenceEntry>(), live: false });

export interface PresenceDelta {
  readonly joins: readonly PresenceEntry[];
  readonly updates: readonly PresenceEntry[];
  readonly leaves: readonly PresenceEntry[];
}

/** A topic's presence as the contract keeps it: a snapshot, then diffs whose versions rise by one. */
export class PresenceSet {
  #epoch: string | null = null;
  #version = 0;
  #snapshot: PresenceSnapshot = unknownPresence;

  /** Whether there ever was a snapshot: before it nobody can be said to have come. */
  get known(): boolean {
    return this.#snapshot !== unknownPresence;
  }

  get snapshot(): PresenceSnapshot {
    return this.#snapshot;
  }

  applySnapshot({ epoch, version, entries }: WirePresence): PresenceDelta {
    const before = this.#snapshot.byUser;
    const byUser = new Map(entries.map((entry) => [entry.user, entry]));
    this.#epoch = epoch;
    this.#version = version;
    this.#show(byUser, true);
    return {
      joins: entries.filter((entry) => !before.has(entry.user)),
      updates: entries.filter((entry) => before.has(entry.user) && !same(before.get(entry.user), entry)),
      leaves: [...before.values()].filter((entry) => !byUser.has(entry.user)),
    };
  }

  /** What changed; `old` when it was known already; `gap` when a snapshot is needed. */
  applyDiff(diff: WirePresenceDiff): PresenceDelta | "old" | "gap" {
    if (diff.epoch !== this.#epoch) return "gap";
    if (diff.version <= this.#version) return "old";
    if (diff.version !== this.#version + 1) return "gap";
    this.#version = diff.version;
    const before = this.#snapshot.byUser;
    const byUser = new Map(before);
    for (const entry of [...diff.joins, ...diff.updates]) byUser.set(entry.user, entry);
    const leaves = diff.leaves.map((user) => before.get(user)).filter((entry) => entry !== undefined);
    for (const user of diff.leaves) byUser.delete(user);
    this.#show(byUser, true);
    return { joins: diff.joins, updates: diff.updates, leaves };
  }

  /** The connection went: what is known stays on show, marked as the last known. */
  suspend(): boolean {
    if (!this.#snapshot.live) return false;
    this.#epoch = null;
    this.#show(this.#snapshot.byUser, false);
    return true;
  }

  /** What is known is not this user's to see any more. */
  forget(): boolean {
    if (!this.known) return false;
    this.#epoch = null;
    this.#snapshot = unknownPresence;
    return true;
  }

  #show(byUser: ReadonlyMap<string, PresenceEntry>, live: boolean): void {
    const entries = Object.freeze([...byUser.values()].sort(inOrderOfComing));
    this.#snapshot = Object.freeze({ entries, byUser, live });
  }
}

function inOrderOfComing(a: PresenceEntry, b: PresenceEntry): number {
  const first = Date.parse(a.since);
  const second = Date.parse(b.since);
  return first !== second ? first - second : a.user < b.user ? -1 : 1;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
