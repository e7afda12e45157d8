import { useMemo } from "react";
import type { EventOf, NewNotification, NotificationAcknowledged, NotificationEscalated, Reset, TopicState, UnreadChanged } from "@clinic/realtime";
import { useRealtime } from "./context.js";
import { useTopicEvents } from "./useTopicEvents.js";

export interface NotificationHandlers {
  readonly onNew?: (notification: NewNotification, event: EventOf<"notification:new">) => void;
  /** By whomever and in whichever window. */
  readonly onAcknowledged?: (acknowledged: NotificationAcknowledged, event: EventOf<"notification:acknowledged">) => void;
  readonly onEscalated?: (escalated: NotificationEscalated, event: EventOf<"notification:escalated">) => void;
  /** The user's counts as they are now. */
  readonly onUnread?: (unread: UnreadChanged, event: EventOf<"unread:changed">) => void;
  /** Load notifications and counts anew. */
  readonly onReset?: (reset: Reset) => void;
}

export interface Notifications {
  readonly state: TopicState;
  /** Acknowledges one, in all windows and for all concerned. Waits for a connection; rejects with a `RealtimeError`. */
  readonly acknowledge: (notificationId: string) => Promise<void>;
}

/** The user's own notifications and unread counts as they change. */
export function useNotificationEvents({ onNew, onAcknowledged, onEscalated, onUnread, onReset }: NotificationHandlers): Notifications {
  const client = useRealtime();
  const state = useTopicEvents("user", {
    on: {
      "notification:new": (event) => onNew?.(event.data, event),
      "notification:acknowledged": (event) => onAcknowledged?.(event.data, event),
      "notification:escalated": (event) => onEscalated?.(event.data, event),
      "unread:changed": (event) => onUnread?.(event.data, event),
    },
    ...(onReset && { onReset }),
  });
  return useMemo(() => ({ state, acknowledge: (id) => client.acknowledgeNotification(id) }), [state, client]);
}
