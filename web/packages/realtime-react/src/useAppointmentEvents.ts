import type { Appointment, EventOf, PatientCheckedIn, Reset, TopicState } from "@clinic/realtime";
import { useTopicEvents } from "./useTopicEvents.js";

export interface AppointmentHandlers {
  readonly onCreated?: (appointment: Appointment, event: EventOf<"appointment:created">) => void;
  /** Moved, renamed, or with another status. */
  readonly onUpdated?: (appointment: Appointment, event: EventOf<"appointment:updated">) => void;
  readonly onCancelled?: (appointment: Appointment, event: EventOf<"appointment:cancelled">) => void;
  /** Comes beside the `onUpdated` of the same appointment. */
  readonly onCheckedIn?: (checkIn: PatientCheckedIn, event: EventOf<"patient:checked_in">) => void;
  /** Load the appointments anew. */
  readonly onReset?: (reset: Reset) => void;
}

/** The clinic's appointments as they change. */
export function useAppointmentEvents({ onCreated, onUpdated, onCancelled, onCheckedIn, onReset }: AppointmentHandlers): TopicState {
  return useTopicEvents("tenant", {
    on: {
      "appointment:created": (event) => onCreated?.(event.data, event),
      "appointment:updated": (event) => onUpdated?.(event.data, event),
      "appointment:cancelled": (event) => onCancelled?.(event.data, event),
      "patient:checked_in": (event) => onCheckedIn?.(event.data, event),
    },
    ...(onReset && { onReset }),
  });
}
