import { useQuery } from "@tanstack/react-query";
import { openQuery } from "../notifications/notifications";
import type { Badge } from "../shell/NavBadge";

/** How many tasks were assigned to the user that they have not taken note of. */
export function useTaskBadge(): Badge | null {
  const { data } = useQuery(openQuery);
  const assigned = data?.items.filter(({ kind }) => kind === "task_assigned") ?? [];
  if (assigned.length === 0) return null;
  return { count: assigned.length, of: "new", urgent: assigned.some(({ priority }) => priority === "urgent") };
}
