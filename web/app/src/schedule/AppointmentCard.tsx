import { UnstyledButton } from "@mantine/core";
import type { Appointment } from "@clinic/realtime";
import { CloudUpload } from "lucide-react";
import { memo } from "react";
import { clockTime } from "./day";
import classes from "./DayGrid.module.css";
import { statuses } from "./statuses";

export interface AppointmentCardProps {
  readonly appointment: Appointment;
  readonly patient: string;
  /** A change of it waits for the connection. */
  readonly waiting: boolean;
  /** Hours from the column's beginning. */
  readonly at: number;
  readonly hours: number;
  readonly lane: number;
  readonly lanes: number;
  readonly onOpen: (id: string) => void;
}

/** Rendered when something of it changed, and not when the day did. */
export const AppointmentCard = memo(function AppointmentCard({ appointment, patient, waiting, at, hours, lane, lanes, onOpen }: AppointmentCardProps) {
  const { id, startsAt, reason, status } = appointment;
  const { word, icon: Icon, color } = statuses[status];
  const place = {
    "--at": at,
    "--long": hours,
    "--lane": lane,
    "--lanes": lanes,
    "--edge": `var(--mantine-color-${color}-6)`,
  } as React.CSSProperties;
  return (
    <UnstyledButton className={classes.card ?? ""} style={place} data-status={status} data-appointment={id} onClick={() => onOpen(id)}>
      <span className={classes.who}>{clockTime(startsAt)} {patient}</span>
      <span className={classes.what}>
        {waiting ? <CloudUpload aria-hidden size={12} /> : <Icon aria-hidden size={12} />}
        {waiting ? "Waits for the connection" : word} · {reason}
      </span>
    </UnstyledButton>
  );
});
