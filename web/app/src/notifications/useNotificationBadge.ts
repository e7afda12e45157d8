import { useQuery } from "@tanstack/react-query";
import type { Badge } from "../shell/NavBadge";
import { openQuery, staysUntilAcknowledged } from "./notifications";

export function useNotificationBadge(): Badge | null {
  const { data } = useQuery(openQuery);
  if (!data || data.items.length === 0) return null;
  return { count: data.items.length, of: "not acknowledged", urgent: data.items.some(staysUntilAcknowledged) };
}
