import { useMemo } from "react";
import type { PresenceEntry, TopicState } from "@clinic/realtime";
import { useRealtime } from "./context.js";
import { useTopic } from "./useTopic.js";

export interface PresenceHandlers {
  readonly onJoin?: (entry: PresenceEntry) => void;
  readonly onUpdate?: (entry: PresenceEntry) => void;
  readonly onLeave?: (entry: PresenceEntry) => void;
}

export interface TopicPresence {
  readonly state: TopicState;
  /** Whether `entries` are of now, or the last known. */
  readonly live: boolean;
  /** Everybody, this user too, in the order in which they came. */
  readonly entries: readonly PresenceEntry[];
  readonly others: readonly PresenceEntry[];
  readonly byUser: ReadonlyMap<string, PresenceEntry>;
}

/** Who is on a topic, the clinic when none is named, and who comes and goes. The first snapshot is no joining: look at `entries`. */
export function usePresenceEvents({ onJoin, onUpdate, onLeave }: PresenceHandlers = {}, topic: string | null = "tenant"): TopicPresence {
  const client = useRealtime();
  const { state, presence } = useTopic(topic, {
    onPresence: ({ joins, updates, leaves }) => {
      for (const entry of joins) onJoin?.(entry);
      for (const entry of updates) onUpdate?.(entry);
      for (const entry of leaves) onLeave?.(entry);
    },
  });
  const user = client.identity?.user;
  return useMemo(
    () => ({ state, live: presence.live, entries: presence.entries, others: presence.entries.filter((entry) => entry.user !== user), byUser: presence.byUser }),
    [state, presence, user],
  );
}
