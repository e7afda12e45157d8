import type { Appointment } from "@clinic/realtime";
import { useQueries } from "@tanstack/react-query";
import { utcDayOf, utcDayQuery } from "./appointments";
import { dayOf, timeOn } from "./day";

export interface Day {
  /** Null while nothing of the day is known. */
  readonly appointments: readonly Appointment[] | null;
  readonly error: Error | null;
  readonly waiting: boolean;
  readonly retry: () => void;
}

/** A day where the user is, which is up to two of the server's. */
export function useDay(day: string): Day {
  const utcDays = [...new Set([utcDayOf(timeOn(day)), utcDayOf(timeOn(day, "23:59"))])];
  return useQueries({
    queries: utcDays.map(utcDayQuery),
    combine: (results) => ({
      appointments: results.every(({ data }) => data)
        ? results.flatMap(({ data }) => data!.items).filter(({ startsAt }) => dayOf(new Date(startsAt)) === day)
        : null,
      error: results.find(({ error, data }) => error && !data)?.error ?? null,
      waiting: results.some(({ fetchStatus, data }) => fetchStatus === "paused" && !data),
      retry: () => results.forEach(({ refetch }) => void refetch()),
    }),
  });
}
