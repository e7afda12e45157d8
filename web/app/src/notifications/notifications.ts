import type { NewNotification, NotificationAcknowledged } from "@clinic/realtime";
import { addOnce, patchList } from "@clinic/realtime-react/query";
import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { requestAll } from "../server/lists";
import { request } from "../server/request";
import { onWritten } from "../writes/writes";

/** A notification as REST answers it: what the event brings, and what became of it. */
export interface Notification extends NewNotification {
  readonly createdAt: string;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
}

interface NotificationList {
  readonly items: readonly Notification[];
}

export const notificationsKey = ["notifications"] as const;

/** The newest, acknowledged or not. */
export const latestQuery = queryOptions({
  queryKey: [...notificationsKey, "latest"],
  queryFn: ({ signal }) => request<NotificationList>("/api/notifications?limit=100", { signal }),
});

/** All that somebody still has to take note of. */
export const openQuery = queryOptions({
  queryKey: [...notificationsKey, "open"],
  queryFn: ({ signal }) => requestAll<Notification>("/api/notifications", { unacknowledged: "true" }, signal),
});

export function addNotification(queries: QueryClient, created: NewNotification, time: string): void {
  const notification: Notification = { ...created, createdAt: time, acknowledgedAt: null, acknowledgedBy: null };
  for (const { queryKey } of [latestQuery, openQuery]) {
    queries.setQueryData<NotificationList>(queryKey, patchList<Notification>((items) => addOnce(items, notification, "start")));
  }
}

export function acknowledged(queries: QueryClient, { id, by, at }: NotificationAcknowledged): void {
  queries.setQueryData<NotificationList>(
    latestQuery.queryKey,
    patchList<Notification>((items) => items.map((one) => (one.id === id && !one.acknowledgedAt ? { ...one, acknowledgedAt: at, acknowledgedBy: by } : one))),
  );
  queries.setQueryData<NotificationList>(openQuery.queryKey, patchList<Notification>((items) => items.filter((one) => one.id !== id)));
}

/** Those that stay on the screen until somebody acknowledges them. */
export function staysUntilAcknowledged({ priority, requiresAck }: NewNotification): boolean {
  return requiresAck || priority === "urgent";
}

onWritten<Notification>("notification", (queries, { id, acknowledgedBy, acknowledgedAt }) => {
  if (acknowledgedAt) acknowledged(queries, { id, by: acknowledgedBy ?? "", at: acknowledgedAt });
});
