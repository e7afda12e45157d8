import { queryOptions } from "@tanstack/react-query";
import { request } from "../server/request";

export interface EscalationStep {
  readonly step: number;
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly reason: "not_acknowledged" | "nobody_left";
}

export interface Escalation {
  readonly matter: string;
  readonly owner: string;
  readonly dueAt: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly items: readonly EscalationStep[];
}

export const escalationKey = ["escalation"] as const;

/** Who answers for a notification that has to be acknowledged, and how it came to them. */
export const escalationQuery = (id: string) =>
  queryOptions({
    queryKey: [...escalationKey, id],
    queryFn: ({ signal }) => request<Escalation>(`/api/notifications/${encodeURIComponent(id)}/escalation?limit=50`, { signal }),
  });
