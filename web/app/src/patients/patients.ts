import { queryOptions } from "@tanstack/react-query";
import { requestAll } from "../server/lists";
import type { Patient } from "../server/records";

export const patientsKey = ["patients"] as const;

/** The clinic's patients by name. */
export const patientsQuery = queryOptions({
  queryKey: patientsKey,
  queryFn: ({ signal }) => requestAll<Patient>("/api/patients", {}, signal),
});
