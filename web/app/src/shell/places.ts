import { Bell, CalendarDays, ListChecks, MessagesSquare, UsersRound, type LucideIcon } from "lucide-react";
import { useMessageBadge } from "../messaging/useMessageBadge";
import { useTaskBadge } from "../tasks/useTaskBadge";
import { useNotificationBadge } from "../notifications/useNotificationBadge";
import type { Badge } from "./NavBadge";

/** A place in the navigation. */
export interface Place {
  readonly to: "/schedule" | "/tasks" | "/messages" | "/patients" | "/notifications";
  readonly label: string;
  readonly icon: LucideIcon;
  /** What waits there; null when nothing does. Always the same hook for a place. */
  readonly useBadge: () => Badge | null;
}

const useNoBadge = () => null;

export const places: readonly Place[] = [
  { to: "/schedule", label: "Schedule", icon: CalendarDays, useBadge: useNoBadge },
  { to: "/tasks", label: "Tasks", icon: ListChecks, useBadge: useTaskBadge },
  { to: "/messages", label: "Messages", icon: MessagesSquare, useBadge: useMessageBadge },
  { to: "/patients", label: "Patients", icon: UsersRound, useBadge: useNoBadge },
  { to: "/notifications", label: "Notifications", icon: Bell, useBadge: useNotificationBadge },
];
