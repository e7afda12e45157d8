import { ActionIcon, Button, Group, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, Plus } from "lucide-react";
import { useCallback, useState } from "react";
import { PageHead } from "../shell/PageHead";
import type { Draft } from "./AppointmentForm";
import { shiftDay, today } from "./day";
import { DayView } from "./DayView";

/** The day by provider. What happens to the day renders the day, and not the page around it. */
export function SchedulePage() {
  const { date = today() } = useSearch({ from: "/schedule" });
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const navigate = useNavigate({ from: "/schedule" });
  const [draft, setDraft] = useState<Draft | null>(null);
  const goTo = (day: string) => void navigate({ search: day === today() ? {} : { date: day }, replace: true });
  const onFree = useCallback((providerId: string, clock: string) => setDraft({ day: date, clock, providerId }), [date]);
  return (
    <>
      <PageHead title="Schedule">
        <Group gap={4} wrap="nowrap">
          <ActionIcon variant="default" size="input-sm" aria-label="Day before" onClick={() => goTo(shiftDay(date, -1))}><ChevronLeft aria-hidden size={18} /></ActionIcon>
          <TextInput aria-label="Day" type="date" w={150} value={date} onChange={(event) => event.currentTarget.value && goTo(event.currentTarget.value)} />
          <ActionIcon variant="default" size="input-sm" aria-label="Day after" onClick={() => goTo(shiftDay(date, 1))}><ChevronRight aria-hidden size={18} /></ActionIcon>
        </Group>
        {date !== today() && <Button variant="default" onClick={() => goTo(today())}>Today</Button>}
        <Button leftSection={<Plus aria-hidden size={16} />} aria-label="New appointment" onClick={() => setDraft({ day: date, clock: "09:00" })}>{phone ? "New" : "New appointment"}</Button>
      </PageHead>
      <DayView date={date} draft={draft} onDraft={setDraft} onFree={onFree} />
    </>
  );
}
