import type { Allergy } from "@clinic/realtime";
import { NativeSelect, Stack, TextInput } from "@mantine/core";
import { Entries } from "./Entries";
import { SectionCard, type SectionProps } from "./SectionCard";

interface Draft {
  readonly substance: string;
  readonly reaction: string;
  readonly severity: string;
}

const severities = ["mild", "moderate", "severe"];

export function AllergiesSection({ allergies, ...section }: SectionProps & { allergies: readonly Allergy[] }) {
  return (
    <SectionCard<Draft>
      {...section}
      section="allergies"
      action="Add"
      initial={{ substance: "", reaction: "", severity: "" }}
      toWrite={({ substance, reaction, severity }) =>
        substance.trim() === "" ? null : {
          method: "POST",
          body: { substance: substance.trim(), ...(reaction.trim() && { reaction: reaction.trim() }), ...(severity && { severity }) },
          kind: "allergy",
          label: `Allergy to ${substance.trim()} of ${section.name}`,
        }
      }
      form={(draft, change) => (
        <Stack gap="sm">
          <TextInput label="Substance" required autoFocus maxLength={200} value={draft.substance} onChange={(event) => change({ ...draft, substance: event.currentTarget.value })} />
          <TextInput label="Reaction" maxLength={500} value={draft.reaction} onChange={(event) => change({ ...draft, reaction: event.currentTarget.value })} />
          <NativeSelect label="Severity" value={draft.severity} onChange={(event) => change({ ...draft, severity: event.currentTarget.value })}>
            <option value="">Not known</option>
            {severities.map((value) => <option key={value} value={value}>{value}</option>)}
          </NativeSelect>
        </Stack>
      )}
    >
      <Entries
        nothing="No allergies are recorded."
        entries={allergies.map(({ id, substance, reaction, severity, addedBy, addedAt }) => ({
          id, title: substance, more: [severity, reaction].filter(Boolean).join(", "), by: addedBy, at: addedAt,
        }))}
      />
    </SectionCard>
  );
}
