import type { Appointment, AppointmentStatus } from "@clinic/realtime";
import { useMemo } from "react";
import { useWrite } from "../writes/useWrite";
import { statuses } from "./statuses";

export interface AppointmentBody {
  readonly patientId: string;
  readonly providerId: string;
  readonly startsAt: string;
  readonly durationMinutes: number;
  readonly reason: string;
}

/** Everything that can be done to appointments; what goes wrong is told by the write itself. */
export function useAppointmentWrites(who: (appointment: Pick<Appointment, "patientId">) => string) {
  const write = useWrite();
  return useMemo(() => {
    const send = (method: "POST" | "PATCH" | "DELETE", path: string, label: string, body?: unknown, subject?: string) => {
      write({ method, path: `/api/appointments${path}`, label, kind: "appointment", ...(body !== undefined && { body }), ...(subject && { subject }) }).catch(() => undefined);
    };
    const pathOf = ({ id }: Appointment) => `/${encodeURIComponent(id)}`;
    return {
      create: (body: AppointmentBody) => send("POST", "", `New appointment of ${who(body)}`, body),
      move: (one: Appointment, body: Partial<AppointmentBody>) => send("PATCH", pathOf(one), `Move the appointment of ${who(one)}`, body, one.id),
      setStatus: (one: Appointment, status: AppointmentStatus) =>
        send("PATCH", `${pathOf(one)}/status`, `${who(one)}: ${statuses[status].word}`, { status }, one.id),
      cancel: (one: Appointment) => send("DELETE", pathOf(one), `Cancel the appointment of ${who(one)}`, undefined, one.id),
    };
  }, [write, who]);
}
