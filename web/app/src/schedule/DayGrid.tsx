import type { Appointment } from "@clinic/realtime";
import { Group, ScrollArea, Text } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { Face } from "../people/Face";
import { AppointmentCard } from "./AppointmentCard";
import { clockOfMinute, minuteOfDay, today } from "./day";
import classes from "./DayGrid.module.css";
import { placeDay, shownHours } from "./dayLayout";

export interface DayGridProps {
  readonly day: string;
  readonly providers: readonly string[];
  readonly appointments: readonly Appointment[];
  readonly nameOf: (user: string) => string;
  readonly patientName: (id: string) => string;
  readonly onOpen: (id: string) => void;
  /** A free half hour was chosen. */
  readonly onFree: (providerId: string, clock: string) => void;
}

/** A column a provider, from morning to evening. */
export function DayGrid({ day, providers, appointments, nameOf, patientName, onOpen, onFree }: DayGridProps) {
  const { from, to } = shownHours(appointments);
  const hours = Array.from({ length: (to - from) / 60 }, (_, index) => from + index * 60);
  const now = useMinute();
  const at = (minute: number) => ({ "--at": (minute - from) / 60 }) as React.CSSProperties;
  return (
    <ScrollArea type="auto" className={classes.frame ?? ""} viewportProps={{ tabIndex: 0, "aria-label": "The day", role: "region" }}>
      <div className={classes.grid} style={{ "--hours": hours.length, "--providers": providers.length } as React.CSSProperties}>
        <div className={classes.corner} />
        {providers.map((provider) => (
          <Group key={provider} component="header" className={classes.head ?? ""} gap="xs" wrap="nowrap">
            <Face user={provider} name={nameOf(provider)} size={28} />
            <Text component="h2" size="sm" fw={600} truncate id={`column-${provider}`}>{nameOf(provider)}</Text>
          </Group>
        ))}
        <div className={classes.hours} aria-hidden>
          {hours.map((hour) => <span key={hour} style={at(hour)}>{clockOfMinute(hour)}</span>)}
        </div>
        {providers.map((provider) => (
          <section
            key={provider}
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
            {placeDay(appointments.filter((one) => one.providerId === provider)).map((placed) => (
              <AppointmentCard key={placed.appointment.id} placed={placed} from={from} patientName={patientName} onOpen={onOpen} />
            ))}
            {day === today() && now >= from && now <= to && <div className={classes.now} style={at(now)} aria-hidden />}
          </section>
        ))}
      </div>
    </ScrollArea>
  );
}

/** The minute of the day, as it goes by. */
function useMinute(): number {
  const [minute, setMinute] = useState(() => minuteOfDay(new Date()));
  const { start, stop } = useInterval(() => setMinute(minuteOfDay(new Date())), 15_000);
  useEffect(() => {
    start();
    return stop;
  }, [start, stop]);
  return minute;
}
