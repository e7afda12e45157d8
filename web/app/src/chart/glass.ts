import type { PresenceEntry } from "@clinic/realtime";
import { RealtimeError } from "@clinic/realtime";

/** How somebody has the chart open. */
export interface Viewing {
  readonly since: string;
  readonly reason?: string;
  /** A restricted chart, opened with a reason. */
  readonly breakGlass?: boolean;
  /** When that ends by itself. */
  readonly until?: string;
}

export function viewingOf(entry: PresenceEntry | undefined): Viewing | undefined {
  return entry?.viewing;
}

/** Whether a refusal means that the chart can be opened with a reason. */
export function wantsReason(error: unknown): boolean {
  return error instanceof RealtimeError && error.code === "forbidden" && error.message.includes("reason_required");
}

export const leastReason = 3;
export const mostReason = 500;
