import { useTopicEvents } from "@clinic/realtime-react";
import { useTopicQueries } from "@clinic/realtime-react/query";
import { notifications as toasts } from "@mantine/notifications";
import type { NewNotification, NotificationEscalated } from "@clinic/realtime";
import { useColleagues } from "../people/staff";
import { useMe } from "../session/useSession";
import { tellNews } from "../shell/news";
import { loadAssignedTask, tasksKey } from "../tasks/tasks";
import { escalationKey } from "./escalation";
import { acknowledged, addNotification, notificationsKey, staysUntilAcknowledged } from "./notifications";
import { priorities } from "./priorities";
import { playUrgent } from "./sound";

/** Keeps what is shown of the user's notifications true, and tells what is new. */
export function NotificationsLive() {
  const me = useMe();
  const { nameOf } = useColleagues();
  useTopicQueries("user", {
    keys: [notificationsKey, tasksKey],
    on: {
      "notification:new": (queries, event) => {
        addNotification(queries, event.data, event.time);
        if (event.data.kind === "task_assigned") loadAssignedTask(queries, event.data.link);
      },
      "notification:acknowledged": (queries, event) => {
        acknowledged(queries, event.data);
        void queries.invalidateQueries({ queryKey: [...escalationKey, event.data.id] });
      },
      "notification:escalated": (queries, event) => void queries.invalidateQueries({ queryKey: [...escalationKey, event.data.id] }),
    },
  });
  useTopicEvents("user", {
    on: {
      "notification:new": (event) => tellNew(event.data),
      "notification:escalated": (event) => tellEscalated(event.data, me.user, nameOf),
    },
  });
  return null;
}

function tellNew(notification: NewNotification): void {
  const { id, title, body, priority } = notification;
  if (priority === "urgent") playUrgent();
  // The banner tells these, and stays.
  if (staysUntilAcknowledged(notification)) return;
  const { icon: Icon, color, word } = priorities[priority];
  tellNews({ id, title: `${word === "Normal" ? "" : `${word}: `}${title}`, message: body, color, icon: <Icon aria-hidden size={18} /> });
}

function tellEscalated({ id, step, from, to, reason }: NotificationEscalated, me: string, nameOf: (user: string) => string): void {
  playUrgent();
  const message =
    to === me ? `It was not acknowledged by ${nameOf(from)}; you answer for it now.`
    : reason === "nobody_left" ? `Nobody of the list has acknowledged it; ${nameOf(to)} answers for it.`
    : `${nameOf(from)} has not acknowledged it; ${nameOf(to)} answers for it now.`;
  toasts.show({ id: `${id}-${step}`, title: "Escalated", message, color: "red.8", autoClose: 15_000 });
}
