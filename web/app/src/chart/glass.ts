import type { RealtimeError } from "@clinic/realtime";

/** Whether a refusal means that the chart can be opened with a reason. */
export function wantsReason({ causeCode }: RealtimeError): boolean {
  return causeCode === "reason_required";
}

export const leastReason = 3;
export const mostReason = 500;
