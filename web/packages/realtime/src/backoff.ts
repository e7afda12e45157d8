/** Bounds of the pause before a repeat. */
export interface Backoff {
  /** The longest first pause. */
  readonly baseMs: number;
  /** The longest pause of all. */
  readonly maxMs: number;
}

/** Full jitter: anything from nothing to `base * 2^attempt`, so that those who were cut off together do not come back together. */
export function pauseMs(attempt: number, { baseMs, maxMs }: Backoff, random: () => number = Math.random): number {
  return Math.floor(random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30)));
}
