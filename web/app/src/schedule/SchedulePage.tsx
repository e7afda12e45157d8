import type { Appointment } from "@clinic/realtime";
import { ActionIcon, Alert, Button, Group, NativeSelect, Skeleton, Text, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, Plus } from "lucide-react";
import { useState } from "react";
import { patientsQuery } from "../patients/patients";
import { useColleagues } from "../people/staff";
import { explain } from "../server/problem";
import { PageHead } from "../shell/PageHead";
import { useMe } from "../session/useSession";
import { AppointmentDetails } from "./AppointmentDetails";
import { AppointmentForm, type Draft } from "./AppointmentForm";
import { dayInWords, shiftDay, today } from "./day";
import { DayGrid } from "./DayGrid";
import { useDay } from "./useDay";

/** The day by provider. */
export function SchedulePage() {
  const me = useMe();
  const { date = today() } = useSearch({ from: "/schedule" });
  const navigate = useNavigate({ from: "/schedule" });
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const { list, nameOf } = useColleagues();
  const { data: patients } = useQuery(patientsQuery);
  const { appointments, error, waiting, retry } = useDay(date);
  const [chosen, setChosen] = useState<string | null>(null);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [provider, setProvider] = useState(me.roles.includes("provider") ? me.user : "");

  const patientName = (id: string) => patients?.items.find((one) => one.id === id)?.name ?? id;
  const providers = providersOf(list, appointments ?? []);
  const shown = phone ? providers.filter((id, index) => id === provider || (!providers.includes(provider) && index === 0)) : providers;
  const goTo = (day: string) => void navigate({ search: day === today() ? {} : { date: day }, replace: true });
  const opened = appointments?.find(({ id }) => id === chosen) ?? null;

  return (
    <>
      <PageHead title="Schedule">
        <Group gap={4} wrap="nowrap">
          <ActionIcon variant="default" size="input-sm" aria-label="Day before" onClick={() => goTo(shiftDay(date, -1))}><ChevronLeft aria-hidden size={18} /></ActionIcon>
          <TextInput aria-label="Day" type="date" w={150} value={date} onChange={(event) => event.currentTarget.value && goTo(event.currentTarget.value)} />
          <ActionIcon variant="default" size="input-sm" aria-label="Day after" onClick={() => goTo(shiftDay(date, 1))}><ChevronRight aria-hidden size={18} /></ActionIcon>
        </Group>
        {date !== today() && <Button variant="default" onClick={() => goTo(today())}>Today</Button>}
        <Button
          leftSection={<Plus aria-hidden size={16} />}
          onClick={() => setDraft({ day: date, clock: "09:00", providerId: shown[0] ?? "" })}
        >
          New appointment
        </Button>
      </PageHead>
      <Group justify="space-between" mb="sm">
        <Text c="dimmed" size="sm" aria-live="polite">{dayInWords(date)}</Text>
        {phone && providers.length > 1 && (
          <NativeSelect aria-label="Provider" value={shown[0] ?? ""} onChange={(event) => setProvider(event.currentTarget.value)}>
            {providers.map((id) => <option key={id} value={id}>{nameOf(id)}</option>)}
          </NativeSelect>
        )}
      </Group>
      {appointments ? (
        <DayGrid
          day={date}
          providers={shown}
          appointments={appointments}
          nameOf={nameOf}
          patientName={patientName}
          onOpen={setChosen}
          onFree={(providerId, clock) => setDraft({ day: date, clock, providerId })}
        />
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
      <AppointmentDetails
        appointment={opened}
        nameOf={nameOf}
        patientName={patientName}
        onClose={() => setChosen(null)}
        onMove={(appointment) => {
          setChosen(null);
          setDraft({ moves: appointment, day: date, clock: "", providerId: appointment.providerId });
        }}
      />
      <AppointmentForm draft={draft} providers={providers} nameOf={nameOf} patientName={patientName} patients={patients?.items ?? []} onClose={() => setDraft(null)} />
    </>
  );
}

/** The clinic's providers, and whoever else has an appointment that day. */
function providersOf(staff: readonly { user: string; role: string }[], appointments: readonly Appointment[]): readonly string[] {
  return [...new Set([...staff.filter(({ role }) => role === "provider").map(({ user }) => user), ...appointments.map(({ providerId }) => providerId)])];
}
