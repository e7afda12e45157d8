import { useMutation, useMutationState } from "@tanstack/react-query";
import { useMemo, useSyncExternalStore } from "react";
import { useOnline } from "../writes/useWrite";
import { writeKey, type Write } from "../writes/writes";
import { refusedMessages, type RefusedMessage } from "./refused";
import { isMessageWrite, type MessageWrite } from "./unsent";

export interface SendMessage {
  readonly send: (threadId: string, subject: string, body: string, after: number) => void;
  /** Sends a refused one again, as the same message. */
  readonly retry: (refused: RefusedMessage) => void;
}

/** Sends messages, now or when there is a connection. What goes wrong is told by the write itself, and kept. */
export function useSendMessage(): SendMessage {
  const { mutate } = useMutation<unknown, Error, MessageWrite>({ mutationKey: [...writeKey] });
  return useMemo(
    () => ({
      send: (threadId, subject, body, after) =>
        mutate({
          key: crypto.randomUUID(),
          method: "POST",
          path: `/api/messaging/${encodeURIComponent(threadId)}/messages`,
          body: { body },
          kind: "message",
          subject: threadId,
          label: `Message in “${subject}”`,
          after,
        }),
      retry: ({ write }) => {
        refusedMessages.remove(write.key);
        mutate(write);
      },
    }),
    [mutate],
  );
}

export interface Unsent {
  readonly write: MessageWrite;
  readonly since: number;
  /** Whether it waits for the connection, and is not just being sent. */
  readonly waits: boolean;
}

/** A thread's messages that are on their way, oldest first. */
export function useUnsent(threadId: string): readonly Unsent[] {
  const online = useOnline();
  const pending = useMutationState({
    filters: { mutationKey: [...writeKey], status: "pending" },
    select: ({ state }) => ({ write: state.variables as Write, since: state.submittedAt, failed: state.failureCount > 0 }),
  });
  return useMemo(
    () => pending.flatMap(({ write, since, failed }) => (isMessageWrite(write) && write.subject === threadId ? [{ write, since, waits: !online || failed }] : [])),
    [pending, threadId, online],
  );
}

export function useRefused(threadId: string): readonly RefusedMessage[] {
  const all = useSyncExternalStore(refusedMessages.subscribe, refusedMessages.all);
  return useMemo(() => all.filter(({ write }) => write.subject === threadId), [all, threadId]);
}
