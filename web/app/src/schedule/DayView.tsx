import type { Appointment } from "@clinic/realtime";
import { Alert, Button, Group, NativeSelect, Skeleton, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { memo, useCallback, useMemo, useState } from "react";
import { usePatientName } from "../patients/usePatientName";
import { useColleagues } from "../people/staff";
import { explain } from "../server/problem";
import { useMe } from "../session/useSession";
import { AppointmentDetails } from "./AppointmentDetails";
import { AppointmentForm, type Draft } from "./AppointmentForm";
import { dayInWords } from "./day";
import { DayGrid } from "./DayGrid";
import { useDay } from "./useDay";

export interface DayViewProps {
  readonly date: string;
  readonly draft: Draft | null;
  readonly onDraft: (draft: Draft | null) => void;
  readonly onFree: (providerId: string, clock: string) => void;
}

/** One day, and the dialogs about its appointments. */
export const DayView = memo(function DayView({ date, draft, onDraft, onFree }: DayViewProps) {
  const me = useMe();
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const { list, nameOf } = useColleagues();
  const patientName = usePatientName();
  const { appointments, error, waiting, retry } = useDay(date);
  const [chosen, setChosen] = useState<string | null>(null);
  const [provider, setProvider] = useState(me.roles.includes("provider") ? me.user : "");
  const providers = useProviders(list, appointments);
  const shown = phone ? providers.filter((id, index) => id === provider || (!providers.includes(provider) && index === 0)) : providers;
  const opened = appointments?.find(({ id }) => id === chosen) ?? null;
  const close = useCallback(() => setChosen(null), []);
  const closeForm = useCallback(() => onDraft(null), [onDraft]);
  const move = useCallback(
    (appointment: Appointment) => {
      setChosen(null);
      onDraft({ moves: appointment, day: date, clock: "", providerId: appointment.providerId });
    },
    [date, onDraft],
  );
  return (
    <>
      <Group justify="space-between" wrap="nowrap" mb="sm">
        <Text c="dimmed" size="sm" aria-live="polite">{dayInWords(date, phone ? "short" : "long")}</Text>
        {phone && providers.length > 1 && (
          <NativeSelect aria-label="Provider" value={shown[0] ?? ""} onChange={(event) => setProvider(event.currentTarget.value)}>
            {providers.map((id) => <option key={id} value={id}>{nameOf(id)}</option>)}
          </NativeSelect>
        )}
      </Group>
      {appointments ? (
        <DayGrid day={date} providers={shown} appointments={appointments} nameOf={nameOf} patientName={patientName} onOpen={setChosen} onFree={onFree} />
      ) : error ? (
        <Alert role="alert" color="red" variant="outline" title="The day could not be loaded">
          <Text size="sm" mb="sm">{explain(error)}</Text>
          <Button size="sm" onClick={retry}>Try again</Button>
        </Alert>
      ) : waiting ? (
        <Text role="status">This day was not loaded yet and waits for the connection.</Text>
      ) : (
        <Skeleton height={480} role="status" aria-label="Loading" />
      )}
      <AppointmentDetails appointment={opened} nameOf={nameOf} patientName={patientName} onClose={close} onMove={move} />
      <AppointmentForm draft={draft} firstProvider={shown[0] ?? ""} providers={providers} nameOf={nameOf} patientName={patientName} onClose={closeForm} />
    </>
  );
});

const none: readonly Appointment[] = [];

/** The clinic's providers, and whoever else has an appointment that day; the same list while they are the same. */
function useProviders(staff: readonly { user: string; role: string }[], appointments: readonly Appointment[] | null): readonly string[] {
  const found = [...new Set([...staff.filter(({ role }) => role === "provider").map(({ user }) => user), ...(appointments ?? none).map(({ providerId }) => providerId)])];
  const key = JSON.stringify(found);
  return useMemo(() => JSON.parse(key) as string[], [key]);
}
