import type { Allergy, Medication, Vitals } from "@clinic/realtime";
import { addOnce } from "@clinic/realtime-react/query";
import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { request } from "../server/request";
import { onWritten } from "../writes/writes";
import type { PatientChart } from "./records";

export const chartKey = (patientId: string) => ["chart", patientId] as const;

export const chartQuery = (patientId: string) =>
  queryOptions({
    queryKey: chartKey(patientId),
    queryFn: ({ signal }) => request<PatientChart>(`/api/patients/${encodeURIComponent(patientId)}`, { signal }),
  });

function change(queries: QueryClient, patientId: string, to: (chart: PatientChart) => PatientChart): void {
  queries.setQueryData<PatientChart>(chartKey(patientId), (chart) => chart && to(chart));
}

export function putVitals(queries: QueryClient, vitals: Vitals): void {
  change(queries, vitals.patientId, (chart) => (chart.vitals && chart.vitals.version >= vitals.version ? chart : { ...chart, vitals }));
}

export function addAllergy(queries: QueryClient, allergy: Allergy): void {
  change(queries, allergy.patientId, (chart) => ({ ...chart, allergies: addOnce(chart.allergies, allergy) }));
}

export function addMedication(queries: QueryClient, medication: Medication): void {
  change(queries, medication.patientId, (chart) => ({ ...chart, medications: addOnce(chart.medications, medication) }));
}

onWritten<Vitals>("vitals", putVitals);
onWritten<Allergy>("allergy", addAllergy);
onWritten<Medication>("medication", addMedication);
