import type { Appointment } from "@clinic/realtime";
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { memo, useState } from "react";
import { Dialog } from "../shell/Dialog";
import { useIsWaiting } from "../writes/useWrite";
import { WaitsBadge } from "../writes/WaitingWrites";
import { clockTime, momentInWords } from "./day";
import { nextStatuses, statusActions, statuses } from "./statuses";
import { useAppointmentWrites } from "./useAppointmentWrites";

export interface AppointmentDetailsProps {
  readonly appointment: Appointment | null;
  readonly nameOf: (user: string) => string;
  readonly patientName: (id: string) => string;
  readonly onClose: () => void;
  readonly onMove: (appointment: Appointment) => void;
}

/** An appointment with what can be done to it. It shows what others do to it meanwhile. */
export const AppointmentDetails = memo(function AppointmentDetails({ appointment, ...rest }: AppointmentDetailsProps) {
  return (
    <Dialog opened={appointment !== null} onClose={rest.onClose} title={appointment ? rest.patientName(appointment.patientId) : ""}>
      {appointment && <Details key={appointment.id} appointment={appointment} {...rest} />}
    </Dialog>
  );
});

function Details({ appointment, nameOf, patientName, onClose, onMove }: AppointmentDetailsProps & { appointment: Appointment }) {
  const { id, providerId, startsAt, durationMinutes, reason, status, createdBy, createdAt } = appointment;
  const writes = useAppointmentWrites(({ patientId }) => patientName(patientId));
  const waiting = useIsWaiting(id);
  const [cancelling, setCancelling] = useState(false);
  const { word, icon: Icon } = statuses[status];
  const end = new Date(new Date(startsAt).getTime() + durationMinutes * 60_000);
  return (
    <Stack>
      <Group gap="xs">
        <Badge variant="default" size="lg" leftSection={<Icon aria-hidden size={14} />}>{word}</Badge>
        {waiting && <WaitsBadge />}
      </Group>
      <div>
        <Text>{clockTime(startsAt)} to {clockTime(end)} with {nameOf(providerId)}</Text>
        <Text>{reason}</Text>
        <Text size="sm" c="dimmed">Made by {nameOf(createdBy)}, {momentInWords(createdAt)}</Text>
      </div>
      {status === "cancelled" ? (
        <Text size="sm">It was cancelled and can’t be changed any more.</Text>
      ) : cancelling ? (
        <Group justify="space-between">
          <Text size="sm" fw={500}>Really cancel it? It can’t be undone.</Text>
          <Group gap="xs">
            <Button variant="default" data-autofocus onClick={() => setCancelling(false)}>Keep it</Button>
            <Button color="red.8" onClick={() => { writes.cancel(appointment); onClose(); }}>Cancel the appointment</Button>
          </Group>
        </Group>
      ) : (
        <Group gap="xs">
          {nextStatuses[status].map((next, index) => (
            <Button key={next} variant={index === 0 ? "filled" : "default"} disabled={waiting} onClick={() => { writes.setStatus(appointment, next); onClose(); }}>
              {statusActions[next]}
            </Button>
          ))}
          <Button variant="default" disabled={waiting} onClick={() => onMove(appointment)}>Move</Button>
          <Button variant="default" c="light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))" disabled={waiting} onClick={() => setCancelling(true)}>Cancel…</Button>
        </Group>
      )}
    </Stack>
  );
}
