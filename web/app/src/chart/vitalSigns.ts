import type { Vitals } from "@clinic/realtime";

export type SignName = "systolic" | "diastolic" | "heartRate" | "temperature" | "oxygenSaturation" | "weight";

export interface VitalSign {
  readonly key: SignName;
  readonly label: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly decimals: number;
}

/** What is measured, with the server's limits. */
export const vitalSigns: readonly VitalSign[] = [
  { key: "systolic", label: "Systolic", unit: "mmHg", min: 20, max: 350, decimals: 0 },
  { key: "diastolic", label: "Diastolic", unit: "mmHg", min: 10, max: 250, decimals: 0 },
  { key: "heartRate", label: "Heart rate", unit: "/min", min: 0, max: 400, decimals: 0 },
  { key: "temperature", label: "Temperature", unit: "°C", min: 15, max: 46, decimals: 1 },
  { key: "oxygenSaturation", label: "Oxygen saturation", unit: "%", min: 0, max: 100, decimals: 0 },
  { key: "weight", label: "Weight", unit: "kg", min: 0.1, max: 700, decimals: 1 },
];

/** What is typed, and what the section said when the edit began. */
export interface VitalsDraft {
  readonly typed: Readonly<Partial<Record<SignName, number | string>>>;
  readonly base: Readonly<Partial<Record<SignName, number | null>>>;
}

export function draftOf(vitals: Vitals | null): VitalsDraft {
  const base = Object.fromEntries(vitalSigns.map(({ key }) => [key, vitals?.[key] ?? null]));
  return { typed: Object.fromEntries(vitalSigns.map(({ key }) => [key, vitals?.[key] ?? ""])), base };
}

/** What is wrong with a value; null when nothing is. */
export function faultOf({ min, max }: VitalSign, value: number | string | undefined): string | null {
  if (value === "" || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number) && number >= min && number <= max ? null : `From ${min} to ${max}`;
}

/** The values that were changed; null while there are none, or one is wrong. */
export function changesOf({ typed, base }: VitalsDraft): Partial<Record<SignName, number>> | null {
  if (vitalSigns.some((sign) => faultOf(sign, typed[sign.key]))) return null;
  const changed = vitalSigns.filter(({ key }) => typed[key] !== "" && typed[key] !== undefined && Number(typed[key]) !== base[key]);
  return changed.length === 0 ? null : Object.fromEntries(changed.map(({ key }) => [key, Number(typed[key])]));
}
