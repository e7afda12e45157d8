import type { Appointment } from "@clinic/realtime";
import { patchList, upsertById } from "@clinic/realtime-react/query";
import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { requestAll } from "../server/lists";
import { onWritten } from "../writes/writes";

interface AppointmentList {
  readonly items: readonly Appointment[];
}

export const appointmentsKey = ["appointments"] as const;

/** One day in UTC, which is how the server keeps them. */
export const utcDayQuery = (day: string) =>
  queryOptions({
    queryKey: [...appointmentsKey, day],
    queryFn: ({ signal }) => requestAll<Appointment>("/api/appointments", { date: day }, signal),
  });

export function utcDayOf(time: string | Date): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Puts an appointment as it is now where it belongs, unless a newer one is known, and takes it from the days where it was. */
export function putAppointment(queries: QueryClient, appointment: Appointment): void {
  const day = utcDayOf(appointment.startsAt);
  for (const { queryKey } of queries.getQueryCache().findAll({ queryKey: appointmentsKey })) {
    const belongs = queryKey[1] === day;
    queries.setQueryData<AppointmentList>(
      queryKey,
      patchList<Appointment>((items) => {
        const known = items.find(({ id }) => id === appointment.id);
        if (belongs) return upsertById(items, appointment);
        return known && known.version < appointment.version ? items.filter((one) => one !== known) : items;
      }),
    );
  }
}

/** The appointment if any day that is loaded has it. */
export function findAppointment(queries: QueryClient, id: string): Appointment | undefined {
  for (const [, list] of queries.getQueriesData<AppointmentList>({ queryKey: appointmentsKey })) {
    const found = list?.items.find((one) => one.id === id);
    if (found) return found;
  }
  return undefined;
}

onWritten<Appointment | undefined>("appointment", (queries, answer) => {
  // A cancellation answers nothing; its event says the rest.
  if (answer) putAppointment(queries, answer);
});
