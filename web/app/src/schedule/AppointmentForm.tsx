import type { Appointment } from "@clinic/realtime";
import { Button, Group, NativeSelect, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { memo, useState } from "react";
import { patientsQuery } from "../patients/patients";
import { Dialog } from "../shell/Dialog";
import { clockTime, dayOf, timeOn } from "./day";
import { useAppointmentWrites } from "./useAppointmentWrites";

/** What is about to be made, or moved. */
export interface Draft {
  readonly moves?: Appointment;
  readonly day: string;
  readonly clock: string;
  /** The first that is shown when left out. */
  readonly providerId?: string;
}

export interface AppointmentFormProps {
  readonly draft: Draft | null;
  readonly firstProvider: string;
  readonly providers: readonly string[];
  readonly nameOf: (user: string) => string;
  readonly patientName: (id: string) => string;
  readonly onClose: () => void;
}

export const AppointmentForm = memo(function AppointmentForm({ draft, ...rest }: AppointmentFormProps) {
  const title = draft?.moves ? `Move ${rest.patientName(draft.moves.patientId)}` : "New appointment";
  return (
    <Dialog opened={draft !== null} onClose={rest.onClose} title={title}>
      {draft && <Form draft={draft} {...rest} />}
    </Dialog>
  );
});

function Form({ draft, firstProvider, providers, nameOf, patientName, onClose }: AppointmentFormProps & { draft: Draft }) {
  const { moves } = draft;
  const { data: patients } = useQuery(patientsQuery);
  const writes = useAppointmentWrites(({ patientId }) => patientName(patientId));
  const [patientId, setPatientId] = useState(moves?.patientId ?? "");
  const [providerId, setProviderId] = useState(draft.providerId ?? firstProvider);
  const [day, setDay] = useState(moves ? dayOf(new Date(moves.startsAt)) : draft.day);
  const [clock, setClock] = useState(moves ? clockTime(moves.startsAt) : draft.clock);
  const [minutes, setMinutes] = useState<number | string>(moves?.durationMinutes ?? 30);
  const [reason, setReason] = useState(moves?.reason ?? "");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const body = { patientId, providerId, startsAt: timeOn(day, clock).toISOString(), durationMinutes: Number(minutes), reason: reason.trim() };
        if (moves) writes.move(moves, { providerId: body.providerId, startsAt: body.startsAt, durationMinutes: body.durationMinutes });
        else writes.create(body);
        onClose();
      }}
    >
      <Stack>
        {!moves && (
          <NativeSelect label="Patient" required data-autofocus value={patientId} onChange={(event) => setPatientId(event.currentTarget.value)}>
            <option value="">Choose…</option>
            {patients?.items.map(({ id, name, birthDate }) => <option key={id} value={id}>{name}, born {birthDate}</option>)}
          </NativeSelect>
        )}
        <NativeSelect label="Provider" required value={providerId} onChange={(event) => setProviderId(event.currentTarget.value)}>
          {providers.map((id) => <option key={id} value={id}>{nameOf(id)}</option>)}
        </NativeSelect>
        <TextInput label="Day" type="date" required value={day} onChange={(event) => setDay(event.currentTarget.value)} />
        <Group grow align="flex-start">
          <TextInput label="Time" type="time" required step={300} value={clock} onChange={(event) => setClock(event.currentTarget.value)} {...(moves && { "data-autofocus": true })} />
          <NumberInput label="Minutes" required min={5} max={480} step={5} allowDecimal={false} value={minutes} onChange={setMinutes} />
        </Group>
        {!moves && <TextInput label="Reason" required maxLength={500} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />}
        {moves && <Text size="sm" c="dimmed">{moves.reason}</Text>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Close</Button>
          <Button type="submit" disabled={!patientId || !providerId || !day || !clock || Number(minutes) < 1 || (!moves && reason.trim() === "")}>
            {moves ? "Move" : "Make the appointment"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
