/** An event on its way out. */
export interface OutgoingEvent {
  readonly tenant: string;
  readonly topic: string;
  readonly type: string;
  /** Makes repeats of it one event. */
  readonly id: string;
  /** The request's body, which holds all but the tenant. */
  readonly body: string;
  /** The body's length in UTF-8. */
  readonly bytes: number;
  /** When it was handed in, in milliseconds of the clock. */
  readonly queuedAt: number;
}

/** The Api takes bodies of 256 KB. */
export const MAX_BODY_BYTES = 256 * 1024;
