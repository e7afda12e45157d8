import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { patientsQuery } from "./patients";

/** A patient's name, or the id where none is known. The function stays the same while the names do. */
export function usePatientName(): (id: string) => string {
  const { data } = useQuery(patientsQuery);
  const names = useMemo(() => new Map(data?.items.map(({ id, name }) => [id, name])), [data]);
  return useCallback((id) => names.get(id) ?? id, [names]);
}
