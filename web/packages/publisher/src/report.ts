/** Why an event was not delivered. */
export type DropReason = "full" | "invalid" | "tooLarge" | "refused" | "expired" | "stopped";

/** Something the publishing code is not told: ids and reasons, never data and never the key. */
export interface Report {
  /** `dropped`: the event is lost. `retry`: a call failed and will be repeated. */
  readonly kind: "dropped" | "retry";
  /** For `retry` the status or the kind of trouble. */
  readonly reason: DropReason | (string & {});
  /** The field, the status or the limit. */
  readonly detail: string;
  /** Missing when the event was malformed. */
  readonly topic?: string;
  /** Missing when the event was malformed. */
  readonly id?: string;
}

const PERIOD_MS = 1000;

/** Writes warnings to the console, at most one a second for each reason, with the number of those it left out. */
export function consoleReporter(elapsed: () => number, write: (line: string) => void = console.warn): (report: Report) => void {
  const seen = new Map<string, { last: number; held: number }>();
  return ({ kind, reason, detail, topic, id }) => {
    const key = `${kind} ${reason}`;
    const before = seen.get(key);
    if (before && elapsed() - before.last < PERIOD_MS) {
      before.held++;
      return;
    }
    seen.set(key, { last: elapsed(), held: 0 });
    const subject = id === undefined ? "an event" : `event ${id} for topic ${topic}`;
    const more = before?.held ? `; ${before.held} more since the last such line` : "";
    write(kind === "dropped" ? `clinic publisher: ${subject} was dropped: ${reason} (${detail})${more}` : `clinic publisher: ${subject} is tried again: ${reason}${more}`);
  };
}
