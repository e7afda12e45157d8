import { UnstyledButton } from "@mantine/core";
import { CloudUpload } from "lucide-react";
import { useIsWaiting } from "../writes/useWrite";
import { clockTime } from "./day";
import classes from "./DayGrid.module.css";
import type { Placed } from "./dayLayout";
import { statuses } from "./statuses";

export interface AppointmentCardProps {
  readonly placed: Placed;
  /** The minute of the day at which the column begins. */
  readonly from: number;
  readonly patientName: (id: string) => string;
  readonly onOpen: (id: string) => void;
}

export function AppointmentCard({ placed: { appointment, from, to, lane, lanes }, from: top, patientName, onOpen }: AppointmentCardProps) {
  const { id, patientId, startsAt, reason, status } = appointment;
  const { word, icon: Icon, color } = statuses[status];
  const waiting = useIsWaiting(id);
  const place = {
    "--at": (from - top) / 60,
    "--long": (to - from) / 60,
    "--lane": lane,
    "--lanes": lanes,
    "--edge": `var(--mantine-color-${color}-6)`,
  } as React.CSSProperties;
  return (
    <UnstyledButton className={classes.card ?? ""} style={place} data-status={status} data-appointment={id} onClick={() => onOpen(id)}>
      <span className={classes.who}>{clockTime(startsAt)} {patientName(patientId)}</span>
      <span className={classes.what}>
        {waiting ? <CloudUpload aria-hidden size={12} /> : <Icon aria-hidden size={12} />}
        {waiting ? "Waits for the connection" : word} · {reason}
      </span>
    </UnstyledButton>
  );
}
