import { useEffect, useMemo } from "react";
import { useQueryClient, type QueryClient, type QueryKey } from "@tanstack/react-query";
import type { ClinicEvent, EventOf, EventType, Reset, TopicState } from "@clinic/realtime";
import { QueryPatches } from "./queryPatches.js";
import { useLatest } from "./useLatest.js";
import { useTopicEvents } from "./useTopicEvents.js";

export interface TopicQueries {
  /** The queries that show this topic's state, by the beginning of their keys: they are loaded anew when something may be missing. */
  readonly keys: readonly QueryKey[];
  /** What each type of event does to the cache, from the event's own data. It may be done twice with one event. */
  readonly on: { readonly [K in EventType]?: (queries: QueryClient, event: EventOf<K>) => void };
  /** Told after the queries were invalidated. */
  readonly onReset?: (reset: Reset) => void;
}

/** Keeps TanStack queries true to a topic: each event patches the cache from its data; at the start and after a gap everything under `keys` is loaded anew. */
export function useTopicQueries(topic: string | null, { keys, on, onReset }: TopicQueries): TopicState {
  const queries = useQueryClient();
  const latest = useLatest(keys);
  const patches = useMemo(() => new QueryPatches(queries, () => latest.current), [queries, latest]);
  useEffect(() => patches.watch(), [patches]);
  return useTopicEvents(topic, {
    onEvent: (event) => {
      const patch = Object.hasOwn(on, event.type) ? on[event.type] : undefined;
      if (patch) patches.apply(event, patch as (queries: QueryClient, event: ClinicEvent) => void);
    },
    onReset: (reset) => {
      patches.invalidate();
      onReset?.(reset);
    },
  });
}
