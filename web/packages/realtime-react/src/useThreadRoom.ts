import { useMemo } from "react";
import { threadTopic, type PresenceEntry, type TopicState } from "@clinic/realtime";
import { useRealtime } from "./context.js";
import { useTopic } from "./useTopic.js";

export interface ThreadRoom {
  readonly state: TopicState;
  /** Whether `present` is of now, or the last known. */
  readonly live: boolean;
  /** Who has the thread open, this user too. */
  readonly present: readonly PresenceEntry[];
  readonly others: readonly PresenceEntry[];
  /** The others who type at the moment. */
  readonly typing: readonly PresenceEntry[];
}

/** Who is in a thread and who types; null is no thread. While mounted the user is shown in it. */
export function useThreadRoom(threadId: string | null): ThreadRoom {
  const client = useRealtime();
  const { state, presence } = useTopic(threadId === null ? null : threadTopic(threadId));
  const user = client.identity?.user;
  return useMemo(() => {
    const others = presence.entries.filter((entry) => entry.user !== user);
    return { state, live: presence.live, present: presence.entries, others, typing: presence.live ? others.filter((entry) => entry.typing) : [] };
  }, [state, presence, user]);
}
