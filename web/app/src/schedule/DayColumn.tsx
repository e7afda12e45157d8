import type { Appointment } from "@clinic/realtime";
import { memo, useMemo } from "react";
import { AppointmentCard } from "./AppointmentCard";
import { clockOfMinute } from "./day";
import classes from "./DayGrid.module.css";
import { placeDay } from "./dayLayout";

export interface DayColumnProps {
  readonly provider: string;
  readonly appointments: readonly Appointment[];
  /** The minutes of the day that the column shows. */
  readonly from: number;
  readonly to: number;
  /** The minute it is, on the day it is. */
  readonly now: number | null;
  /** The ids of records whose changes wait for the connection. */
  readonly waiting: ReadonlySet<string>;
  readonly patientName: (id: string) => string;
  readonly onOpen: (id: string) => void;
  readonly onFree: (providerId: string, clock: string) => void;
}

/** One provider's day. */
export const DayColumn = memo(function DayColumn({ provider, appointments, from, to, now, waiting, patientName, onOpen, onFree }: DayColumnProps) {
  const placed = useMemo(() => placeDay(appointments), [appointments]);
  return (
    <section
      className={classes.column}
      aria-labelledby={`column-${provider}`}
      data-provider={provider}
      onDoubleClick={(event) => {
        if (event.target !== event.currentTarget) return;
        const { top, height } = event.currentTarget.getBoundingClientRect();
        const minute = from + Math.floor(((event.clientY - top) / height) * (to - from) / 30) * 30;
        onFree(provider, clockOfMinute(minute));
      }}
    >
      {placed.map(({ appointment, from: starts, to: ends, lane, lanes }) => (
        <AppointmentCard
          key={appointment.id}
          appointment={appointment}
          patient={patientName(appointment.patientId)}
          waiting={waiting.has(appointment.id)}
          at={(starts - from) / 60}
          hours={(ends - starts) / 60}
          lane={lane}
          lanes={lanes}
          onOpen={onOpen}
        />
      ))}
      {now !== null && <div className={classes.now} style={{ "--at": (now - from) / 60 } as React.CSSProperties} aria-hidden />}
    </section>
  );
});
