import type { ClinicEvent, EventOf, EventType, Reset, Signal, TopicState } from "@clinic/realtime";
import { useTopic } from "./useTopic.js";

/** A handler for each type of event that is of interest; it gets the event with its data typed. */
export type EventHandlers = { readonly [K in EventType]?: (event: EventOf<K>) => void };

export interface TopicHandlers {
  readonly on?: EventHandlers;
  /** Every event, also of types that `on` does not name. */
  readonly onEvent?: (event: ClinicEvent) => void;
  /** Load what is on show anew: it may miss something. Also told once at the start. */
  readonly onReset?: (reset: Reset) => void;
  readonly onSignal?: (signal: Signal) => void;
}

/** Any topic's events while the component is mounted, each once and in order; null is no topic. Handlers need not be memoized. */
export function useTopicEvents(topic: string | null, handlers: TopicHandlers): TopicState {
  return useTopic(topic, {
    onEvent: (event) => {
      handlers.onEvent?.(event);
      dispatch(handlers.on, event);
    },
    onReset: (reset) => handlers.onReset?.(reset),
    onSignal: (signal) => handlers.onSignal?.(signal),
  }).state;
}

function dispatch(on: EventHandlers | undefined, event: ClinicEvent): void {
  if (!on || !Object.hasOwn(on, event.type)) return;
  (on[event.type] as ((event: ClinicEvent) => void) | undefined)?.(event);
}
