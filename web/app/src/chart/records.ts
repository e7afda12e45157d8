import type { Allergy, Medication, Vitals } from "@clinic/realtime";
import type { Patient } from "../server/records";

/** A patient with what their chart says now; entries in the order in which they were added. */
export interface PatientChart extends Patient {
  /** Null when nothing was measured yet. */
  readonly vitals: Vitals | null;
  readonly allergies: readonly Allergy[];
  readonly medications: readonly Medication[];
}

/** A part of the chart that has one editor at a time. */
export type Section = "vitals" | "allergies" | "medications";

export const sectionNames: Readonly<Record<Section, string>> = { vitals: "Vitals", allergies: "Allergies", medications: "Medications" };

/** What a section is called in a sentence; sections of other applications by their id. */
export function sectionInWords(section: string): string {
  return Object.hasOwn(sectionNames, section) ? sectionNames[section as Section].toLowerCase() : section;
}
