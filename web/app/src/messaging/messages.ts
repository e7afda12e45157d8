import type { Message, MessageRead } from "@clinic/realtime";
import { addOnce, patchInfinite, type Page, type Pages } from "@clinic/realtime-react/query";
import { infiniteQueryOptions, type QueryClient } from "@tanstack/react-query";
import { request } from "../server/request";
import { onWritten } from "../writes/writes";
import { threadActive } from "./threads";

const pageSize = 50;

export const messagesKey = (threadId: string) => ["messages", threadId] as const;

/** A thread's messages, newest first; earlier ones page by page. */
export const messagesQuery = (threadId: string) =>
  infiniteQueryOptions({
    queryKey: messagesKey(threadId),
    queryFn: ({ pageParam, signal }) =>
      request<Page<Message>>(
        `/api/messaging/${encodeURIComponent(threadId)}/messages?limit=${pageSize}${pageParam ? `&before=${encodeURIComponent(pageParam)}` : ""}`,
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
  });

export function addMessage(queries: QueryClient, message: Message): void {
  queries.setQueryData<Pages<Message, string>>(
    messagesKey(message.threadId),
    // Answers and events may come in either order: the thread's own count says which is the newer.
    patchInfinite<Message>((items) => {
      const added = addOnce(items, message, "start");
      return added === items ? items : [...added].sort((a, b) => b.sequence - a.sequence);
    }),
  );
  threadActive(queries, message.threadId, message.sentAt);
}

export function messageRead(queries: QueryClient, { messageId, threadId, user, readAt }: MessageRead): void {
  queries.setQueryData<Pages<Message, string>>(
    messagesKey(threadId),
    patchInfinite<Message>(
      (items) =>
        items.some(({ id, readBy }) => id === messageId && !readBy.some((one) => one.user === user))
          ? items.map((one) => (one.id === messageId ? { ...one, readBy: [...one.readBy, { user, readAt }] } : one))
          : items,
      "all",
    ),
  );
}

onWritten<Message>("message", addMessage);
