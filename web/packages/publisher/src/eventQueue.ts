import type { OutgoingEvent } from "./outgoing.js";

/** What became of an event at the queue's door: `starts` puts it in the caller's hands, `waits` behind others of its topic. */
export type Admission = "starts" | "waits" | "full" | "closed";

/**
 * Who waits, and in which order: one lane per topic of a clinic, of which one event is in somebody's hands and the others queue behind it. Bounded over all
 * lanes together.
 */
export class EventQueue {
  readonly #capacity: number;
  readonly #maxBytes: number;
  readonly #lanes = new Map<string, OutgoingEvent[]>();
  #length = 0;
  #bytes = 0;
  #emptied: { promise: Promise<void>; resolve: () => void } | undefined;

  constructor(capacity: number, maxBytes: number) {
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
  }

  /** Events that wait or are in somebody's hands. */
  get length(): number {
    return this.#length;
  }

  /** Takes an event in. When it `starts`, the caller has it in hand and goes on with `next`. */
  add(event: OutgoingEvent): Admission {
    if (this.#emptied) return "closed";
    if (this.#length >= this.#capacity || this.#bytes + event.bytes > this.#maxBytes) return "full";
    this.#length++;
    this.#bytes += event.bytes;
    const key = keyOf(event);
    const lane = this.#lanes.get(key);
    if (lane) {
      lane.push(event);
      return "waits";
    }
    this.#lanes.set(key, []);
    return "starts";
  }

  /** Puts away the event in hand, and gives the one behind it; undefined ends the lane. */
  next(done: OutgoingEvent): OutgoingEvent | undefined {
    this.#length--;
    this.#bytes -= done.bytes;
    const key = keyOf(done);
    const following = this.#lanes.get(key)?.shift();
    if (!following) {
      this.#lanes.delete(key);
      if (this.#length === 0) this.#emptied?.resolve();
    }
    return following;
  }

  /** Takes in nothing more; the promise settles when nothing is left. */
  close(): Promise<void> {
    if (!this.#emptied) {
      let resolve = () => {};
      const promise = new Promise<void>((settle) => (resolve = settle));
      this.#emptied = { promise, resolve };
      if (this.#length === 0) resolve();
    }
    return this.#emptied.promise;
  }
}

/** Neither a tenant nor a topic has a NUL. */
const keyOf = (event: OutgoingEvent): string => `${event.tenant}\0${event.topic}`;
