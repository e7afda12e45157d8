import type { Appointment } from "@clinic/realtime";
import { Group, ScrollArea, Text } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { memo, useEffect, useMemo, useState } from "react";
import { Face } from "../people/Face";
import { useWaitingSubjects } from "../writes/useWrite";
import { groupByProvider, type ByProvider } from "./byProvider";
import { clockOfMinute, minuteOfDay, today } from "./day";
import { DayColumn } from "./DayColumn";
import classes from "./DayGrid.module.css";
import { shownHours } from "./dayLayout";

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

const nobody: ByProvider = new Map();
const free: readonly Appointment[] = [];

/** A column a provider, from morning to evening. What changes in one leaves the others alone. */
export function DayGrid({ day, providers, appointments, nameOf, patientName, onOpen, onFree }: DayGridProps) {
  const { from, to } = useMemo(() => shownHours(appointments), [appointments]);
  const [groups, setGroups] = useState(nobody);
  const [grouped, setGrouped] = useState<readonly Appointment[] | null>(null);
  if (grouped !== appointments) {
    setGrouped(appointments);
    setGroups(groupByProvider(appointments, groups));
  }
  const waiting = useWaitingSubjects();
  const minute = useMinute();
  const now = day === today() && minute >= from && minute <= to ? minute : null;
  return (
    <ScrollArea.Autosize type="auto" mah="max(420px, calc(100dvh - 190px))" className={classes.frame ?? ""} viewportProps={viewport}>
      <div className={classes.grid} style={{ "--hours": (to - from) / 60, "--providers": providers.length } as React.CSSProperties}>
        <div className={classes.corner} />
        {providers.map((provider) => <ColumnHead key={provider} provider={provider} name={nameOf(provider)} />)}
        <Hours from={from} to={to} />
        {providers.map((provider) => (
          <DayColumn
            key={provider}
            provider={provider}
            appointments={groups.get(provider) ?? free}
            from={from}
            to={to}
            now={now}
            waiting={waiting}
            patientName={patientName}
            onOpen={onOpen}
            onFree={onFree}
          />
        ))}
      </div>
    </ScrollArea.Autosize>
  );
}

const viewport = { tabIndex: 0, "aria-label": "The day", role: "region" } as const;

const ColumnHead = memo(function ColumnHead({ provider, name }: { provider: string; name: string }) {
  return (
    <Group component="header" className={classes.head ?? ""} gap="xs" wrap="nowrap">
      <Face user={provider} name={name} size={28} />
      <Text component="h2" size="sm" fw={600} truncate id={`column-${provider}`}>{name}</Text>
    </Group>
  );
});

const Hours = memo(function Hours({ from, to }: { from: number; to: number }) {
  const hours = Array.from({ length: (to - from) / 60 }, (_, index) => from + index * 60);
  return (
    <div className={classes.hours} aria-hidden>
      {hours.map((hour) => <span key={hour} style={{ "--at": (hour - from) / 60 } as React.CSSProperties}>{clockOfMinute(hour)}</span>)}
    </div>
  );
});

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
