import type { Appointment } from "@clinic/realtime";
import { minuteOfDay } from "./day";

/** An appointment's place in its provider's column: those that overlap stand beside each other in lanes. */
export interface Placed {
  readonly appointment: Appointment;
  readonly from: number;
  readonly to: number;
  readonly lane: number;
  readonly lanes: number;
}

const usualStart = 8 * 60;
const usualEnd = 17 * 60;
/** What is shorter is shown as if it were this long, to be read and hit. */
const leastShown = 15;

/** Minutes of the day that the page shows, in whole hours: a usual day, and whatever lies outside it. */
export function shownHours(appointments: readonly Appointment[]): { from: number; to: number } {
  let [from, to] = [usualStart, usualEnd];
  for (const { startsAt, durationMinutes } of appointments) {
    const start = minuteOfDay(startsAt);
    from = Math.min(from, Math.floor(start / 60) * 60);
    to = Math.max(to, Math.min(24 * 60, Math.ceil((start + durationMinutes) / 60) * 60));
  }
  return { from, to };
}

/** Gives each appointment of one provider a lane. */
export function placeDay(appointments: readonly Appointment[]): readonly Placed[] {
  const sorted = appointments
    .map((appointment) => {
      const from = minuteOfDay(appointment.startsAt);
      return { appointment, from, to: Math.min(24 * 60, from + Math.max(leastShown, appointment.durationMinutes)) };
    })
    .sort((a, b) => a.from - b.from || a.appointment.id.localeCompare(b.appointment.id));
  const placed: Placed[] = [];
  let cluster: { appointment: Appointment; from: number; to: number; lane: number }[] = [];
  let ends: number[] = [];
  const finish = () => {
    for (const one of cluster) placed.push({ ...one, lanes: ends.length });
    [cluster, ends] = [[], []];
  };
  for (const one of sorted) {
    if (ends.length > 0 && ends.every((end) => end <= one.from)) finish();
    const free = ends.findIndex((end) => end <= one.from);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = one.to;
    cluster.push({ ...one, lane });
  }
  finish();
  return placed;
}
