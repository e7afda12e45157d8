import { useMemo, useSyncExternalStore } from "react";
import type { TopicListener } from "@clinic/realtime";
import { useRealtime } from "./context.js";
import { TopicStore, unknownTopic, type TopicView } from "./topicStore.js";
import { useLatest } from "./useLatest.js";

const nothing = () => () => undefined;
const unknown = () => unknownTopic;

/** Subscribes to a topic while mounted; null subscribes to nothing. Handlers may be new with each render. */
export function useTopic(topic: string | null, listener: TopicListener = {}): TopicView {
  const client = useRealtime();
  const latest = useLatest(listener);
  const store = useMemo(() => (topic === null ? null : new TopicStore(client, topic, () => latest.current)), [client, topic, latest]);
  return useSyncExternalStore(store?.subscribe ?? nothing, store?.view ?? unknown, unknown);
}
