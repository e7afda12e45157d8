import type { Page } from "@clinic/realtime-react/query";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { request } from "../server/request";
import { onWritten } from "../writes/writes";

/** One stretch of time in which a user had the chart open. */
export interface Access {
  readonly user: string;
  readonly name: string;
  readonly reason: string | null;
  readonly openedAt: string;
  /** Null while it is open. */
  readonly closedAt: string | null;
  readonly closedBy: "user" | "connection_lost" | "host_lost" | "outage" | "expired" | "revoked" | null;
  readonly breakGlass?: boolean;
}

export const endings: Readonly<Record<NonNullable<Access["closedBy"]>, string>> = {
  user: "closed",
  connection_lost: "connection lost",
  host_lost: "connection lost with the server",
  outage: "everything was down",
  expired: "its time was over",
  revoked: "the chart was restricted",
};

export const accessKey = (patientId: string) => ["access-log", patientId] as const;

/** Who had a chart open, the newest opening first; with a time, those who had it open then. Never taken from the cache without asking again. */
export const accessQuery = (patientId: string, at: string | null) =>
  infiniteQueryOptions({
    queryKey: [...accessKey(patientId), at],
    staleTime: 0,
    queryFn: ({ pageParam, signal }) => {
      const parameters = new URLSearchParams({ limit: "50", ...(at && { at }), ...(pageParam && { cursor: pageParam }) });
      return request<Page<Access>>(`/api/patients/${encodeURIComponent(patientId)}/access-log?${parameters}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
  });

export interface Restriction {
  readonly patientId: string;
  readonly restricted: boolean;
  readonly careTeam: readonly string[];
  readonly version: number;
}

/** A restriction and what it was, oldest first. */
export interface RestrictionHistory extends Restriction {
  readonly items: readonly { readonly version: number; readonly restricted: boolean; readonly changedBy: string; readonly changedAt: string }[];
}

const restrictionKey = (patientId: string) => ["restriction", patientId] as const;

export const restrictionQuery = (patientId: string) =>
  queryOptions({
    queryKey: restrictionKey(patientId),
    staleTime: 0,
    queryFn: ({ signal }) => request<RestrictionHistory>(`/api/patients/${encodeURIComponent(patientId)}/restriction?limit=200`, { signal }),
  });

onWritten<Restriction>("restriction", (queries, { patientId }) => void queries.invalidateQueries({ queryKey: restrictionKey(patientId) }));
