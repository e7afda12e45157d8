import { notifications, notificationsStore, type NotificationData } from "@mantine/notifications";

/** Toasts of news that stand together; what comes on top is counted. */
const most = 3;
const restId = "news-rest";
let rest = 0;

/** Tells of something new in a toast. In a rush the first are told and the rest is counted, so that nobody reads for minutes what was new minutes ago. */
export function tellNews(toast: NotificationData): void {
  const { notifications: shown, queue } = notificationsStore.getState();
  if (rest === 0 && shown.length + queue.length < most) return void notifications.show(toast);
  rest++;
  const told = { id: restId, title: `${rest} more`, message: "They came in a rush; the pages show them all.", autoClose: 8_000, onClose: () => (rest = 0) };
  if (rest === 1) notifications.show(told);
  else notifications.update(told);
}
