/** What `notification:new` carries. */
export interface Notification {
  /** The notification's own id; chosen when missing. */
  id?: string;
  kind: "task_assigned" | "lab_result_ready" | "order_new" | "order_urgent" | "system";
  /** Default `normal`. */
  priority?: "low" | "normal" | "high" | "urgent";
  title: string;
  body?: string | null;
  /** Where a click leads. */
  link?: string | null;
  /** Whether the user has to confirm it. Default false. */
  requiresAck?: boolean;
}

/** The notification with nothing left out, as clients expect it. */
export const wholeNotification = (notification: Notification, chosenId: () => string) => ({
  id: notification?.id ?? chosenId(),
  kind: notification?.kind,
  priority: notification?.priority ?? "normal",
  title: notification?.title,
  body: notification?.body ?? null,
  link: notification?.link ?? null,
  requiresAck: notification?.requiresAck ?? false,
});
