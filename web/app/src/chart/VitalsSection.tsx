import type { Vitals } from "@clinic/realtime";
import { NumberInput, SimpleGrid, Text } from "@mantine/core";
import { useColleagues } from "../people/staff";
import { momentInWords } from "../schedule/day";
import classes from "./Chart.module.css";
import { SectionCard, type SectionProps } from "./SectionCard";
import { useIsFresh } from "./useIsFresh";
import { changesOf, draftOf, faultOf, vitalSigns, type VitalsDraft } from "./vitalSigns";

export function VitalsSection({ vitals, ...section }: SectionProps & { vitals: Vitals | null }) {
  return (
    <SectionCard
      {...section}
      section="vitals"
      action="Edit"
      initial={draftOf(vitals)}
      toWrite={(draft) => {
        const body = changesOf(draft);
        return body && { method: "PATCH", body, kind: "vitals", label: `Vitals of ${section.name}` };
      }}
      form={(draft, change) => <VitalsForm draft={draft} vitals={vitals} change={change} />}
    >
      <VitalsShown vitals={vitals} />
    </SectionCard>
  );
}

function VitalsShown({ vitals }: { vitals: Vitals | null }) {
  const { nameOf } = useColleagues();
  const fresh = useIsFresh(vitals?.version ?? 0);
  if (!vitals) return <Text size="sm" c="dimmed" mt="xs">Nothing was measured yet.</Text>;
  const pressure = vitals.systolic == null && vitals.diastolic == null ? null : `${vitals.systolic ?? "–"}/${vitals.diastolic ?? "–"}`;
  return (
    <>
      <dl className={classes.signs} key={vitals.version}>
        <Sign name="pressure" label="Blood pressure" value={pressure} unit="mmHg" fresh={fresh} />
        {vitalSigns.slice(2).map(({ key, label, unit }) => <Sign key={key} name={key} label={label} value={vitals[key] ?? null} unit={unit} fresh={fresh} />)}
      </dl>
      <Text size="xs" c="dimmed" mt="sm" role="status">
        {nameOf(vitals.updatedBy)}, <time dateTime={vitals.updatedAt}>{momentInWords(vitals.updatedAt)}</time>
      </Text>
    </>
  );
}

function Sign({ name, label, value, unit, fresh }: { name: string; label: string; value: string | number | null; unit: string; fresh: boolean }) {
  return (
    <div className={`${classes.sign ?? ""} ${fresh ? classes.fresh : ""}`} data-sign={name}>
      <dt>{label}</dt>
      <dd>{value ?? "–"} {value !== null && <small>{unit}</small>}</dd>
    </div>
  );
}

function VitalsForm({ draft, vitals, change }: { draft: VitalsDraft; vitals: Vitals | null; change: (draft: VitalsDraft) => void }) {
  return (
    <SimpleGrid cols={{ base: 2, sm: 3 }}>
      {vitalSigns.map((sign, index) => {
        const { key, label, unit, decimals } = sign;
        const now = vitals?.[key] ?? null;
        return (
          <NumberInput
            key={key}
            label={`${label}, ${unit}`}
            autoFocus={index === 0}
            hideControls
            allowDecimal={decimals > 0}
            decimalScale={decimals}
            allowNegative={false}
            inputMode="decimal"
            value={draft.typed[key] ?? ""}
            onChange={(value) => change({ ...draft, typed: { ...draft.typed, [key]: value } })}
            error={faultOf(sign, draft.typed[key])}
            {...(now !== draft.base[key] && { description: `Changed meanwhile: now ${now ?? "nothing"}` })}
          />
        );
      })}
    </SimpleGrid>
  );
}
