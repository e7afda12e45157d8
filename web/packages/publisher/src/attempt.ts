/**
 * What one try came to.
 * `again`: a repeat may succeed with nothing changed. `keyRefused`: it may once an operator has mended the key. `refused`: no repeat will help.
 */
export interface Attempt {
  readonly verdict: "delivered" | "again" | "keyRefused" | "refused" | "expired";
  /** A status or the kind of trouble. */
  readonly reason: string;
  /** How long the other side wants to be left alone, if it said so. */
  readonly retryAfterMs?: number;
}
