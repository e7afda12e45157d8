import type { AppointmentStatus } from "@clinic/realtime";
import { Ban, CalendarCheck, CalendarClock, CircleCheckBig, Stethoscope, UserCheck, UserX, type LucideIcon } from "lucide-react";

/** Each status in a word, a shape and a colour. */
export const statuses: Readonly<Record<AppointmentStatus, { word: string; icon: LucideIcon; color: string }>> = {
  scheduled: { word: "Scheduled", icon: CalendarClock, color: "gray" },
  confirmed: { word: "Confirmed", icon: CalendarCheck, color: "cyan" },
  checked_in: { word: "Checked in", icon: UserCheck, color: "teal" },
  in_progress: { word: "In progress", icon: Stethoscope, color: "indigo" },
  completed: { word: "Completed", icon: CircleCheckBig, color: "gray" },
  no_show: { word: "No show", icon: UserX, color: "orange" },
  cancelled: { word: "Cancelled", icon: Ban, color: "gray" },
};

/** What may sensibly come next, the most likely first. */
export const nextStatuses: Readonly<Record<AppointmentStatus, readonly AppointmentStatus[]>> = {
  scheduled: ["checked_in", "confirmed", "no_show"],
  confirmed: ["checked_in", "no_show"],
  checked_in: ["in_progress"],
  in_progress: ["completed"],
  completed: [],
  no_show: ["checked_in"],
  cancelled: [],
};

/** What a person does to bring a status about. */
export const statusActions: Readonly<Partial<Record<AppointmentStatus, string>>> = {
  confirmed: "Confirm",
  checked_in: "Check in",
  in_progress: "Start",
  completed: "Complete",
  no_show: "Did not come",
};
