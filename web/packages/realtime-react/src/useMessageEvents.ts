import { threadTopic, type EventOf, type Message, type MessageRead, type Reset, type TopicState } from "@clinic/realtime";
import { useTopicEvents } from "./useTopicEvents.js";

export interface MessageHandlers {
  readonly onMessage?: (message: Message, event: EventOf<"message:new">) => void;
  readonly onRead?: (read: MessageRead, event: EventOf<"message:read">) => void;
  /** Load the messages anew. */
  readonly onReset?: (reset: Reset) => void;
}

/** A thread's messages and read receipts as they come; null is no thread. While mounted the user is shown in the thread. */
export function useMessageEvents(threadId: string | null, { onMessage, onRead, onReset }: MessageHandlers): TopicState {
  return useTopicEvents(threadId === null ? null : threadTopic(threadId), {
    on: {
      "message:new": (event) => onMessage?.(event.data, event),
      "message:read": (event) => onRead?.(event.data, event),
    },
    ...(onReset && { onReset }),
  });
}
