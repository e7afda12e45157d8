import type { Medication } from "@clinic/realtime";
import { Group, Stack, TextInput } from "@mantine/core";
import { Entries } from "./Entries";
import { SectionCard, type SectionProps } from "./SectionCard";

interface Draft {
  readonly name: string;
  readonly dose: string;
  readonly frequency: string;
}

export function MedicationsSection({ medications, ...section }: SectionProps & { medications: readonly Medication[] }) {
  return (
    <SectionCard<Draft>
      {...section}
      section="medications"
      action="Add"
      initial={{ name: "", dose: "", frequency: "" }}
      toWrite={({ name, dose, frequency }) =>
        name.trim() === "" || dose.trim() === "" ? null : {
          method: "POST",
          body: { name: name.trim(), dose: dose.trim(), ...(frequency.trim() && { frequency: frequency.trim() }) },
          kind: "medication",
          label: `${name.trim()} for ${section.name}`,
        }
      }
      form={(draft, change) => (
        <Stack gap="sm">
          <TextInput label="Medication" required autoFocus maxLength={200} value={draft.name} onChange={(event) => change({ ...draft, name: event.currentTarget.value })} />
          <Group grow align="flex-start">
            <TextInput label="Dose" required maxLength={100} value={draft.dose} onChange={(event) => change({ ...draft, dose: event.currentTarget.value })} />
            <TextInput label="How often" maxLength={100} value={draft.frequency} onChange={(event) => change({ ...draft, frequency: event.currentTarget.value })} />
          </Group>
        </Stack>
      )}
    >
      <Entries
        nothing="No medications are recorded."
        entries={medications.map(({ id, name, dose, frequency, addedBy, addedAt }) => ({ id, title: name, more: [dose, frequency].filter(Boolean).join(", "), by: addedBy, at: addedAt }))}
      />
    </SectionCard>
  );
}
