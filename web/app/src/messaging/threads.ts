import type { UnreadChanged } from "@clinic/realtime";
import { addOnce, patchList } from "@clinic/realtime-react/query";
import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { requestAll } from "../server/lists";
import { onWritten } from "../writes/writes";

/** A thread as this user sees it. */
export interface Thread {
  readonly id: string;
  readonly subject: string;
  readonly participants: readonly string[];
  readonly createdBy: string;
  readonly createdAt: string;
  readonly lastActivityAt: string;
  /** How many of its messages the user has not read. */
  readonly unread: number;
}

interface ThreadList {
  readonly items: readonly Thread[];
}

export const threadsKey = ["threads"] as const;

/** The user's threads, latest activity first. */
export const threadsQuery = queryOptions({
  queryKey: threadsKey,
  queryFn: ({ signal }) => requestAll<Thread>("/api/messaging", {}, signal),
});

/** The user's counts changed. What a thread has unread is what is left of the whole when the others are taken away. */
export function unreadChanged(queries: QueryClient, { messages, threadId }: UnreadChanged, time: string): void {
  const known = queries.getQueryData<ThreadList>(threadsKey);
  if (!known || !threadId) return;
  const thread = known.items.find(({ id }) => id === threadId);
  const unread = messages - known.items.reduce((sum, one) => (one.id === threadId ? sum : sum + one.unread), 0);
  // A thread that somebody made meanwhile, or counts that do not fit together: only the server knows.
  if (!thread || unread < 0) return void queries.invalidateQueries({ queryKey: threadsKey });
  putThread(queries, { ...thread, unread, ...(unread > thread.unread && { lastActivityAt: later(thread.lastActivityAt, time) }) });
}

export function threadActive(queries: QueryClient, threadId: string, time: string): void {
  const thread = queries.getQueryData<ThreadList>(threadsKey)?.items.find(({ id }) => id === threadId);
  if (thread && time > thread.lastActivityAt) putThread(queries, { ...thread, lastActivityAt: time });
}

function putThread(queries: QueryClient, thread: Thread): void {
  queries.setQueryData<ThreadList>(
    threadsKey,
    patchList<Thread>((items) => items.map((one) => (one.id === thread.id ? thread : one)).sort((a, b) => b.lastActivityAt.localeCompare(a.lastActivityAt))),
  );
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}

onWritten<Thread>("thread", (queries, thread) => {
  queries.setQueryData<ThreadList>(threadsKey, patchList<Thread>((items) => addOnce(items, thread, "start")));
});
