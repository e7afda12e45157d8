import { AsyncResource } from "node:async_hooks";
import { setMaxListeners } from "node:events";
import type { Attempt } from "./attempt.js";
import type { Clock } from "./clock.js";
import { faultyField } from "./eventForm.js";
import { EventQueue } from "./eventQueue.js";
import type { Transport } from "./httpTransport.js";
import type { ClinicPublisherOptions } from "./options.js";
import { MAX_BODY_BYTES, type OutgoingEvent } from "./outgoing.js";
import type { DropReason, Report } from "./report.js";
import { retryDelay } from "./retryDelay.js";
import { Slots } from "./slots.js";
import { TypedPublisher } from "./typedPublisher.js";
import { uuidV7 } from "./uuid.js";

const EXPIRED: Attempt = { verdict: "expired", reason: "" };

/** What has happened since the publisher was made. */
export interface Stats {
  /** Events taken into the queue. */
  readonly queued: number;
  /** Events the Clinic acknowledged. */
  readonly delivered: number;
  /** Calls that failed and were repeated. */
  readonly retries: number;
  /** Events that will not be delivered. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Events waiting or under way now. */
  readonly length: number;
}

/** Takes events from the publishing code into the queue, and keeps each topic's lane going until it is empty. */
export class QueuedPublisher extends TypedPublisher {
  readonly #options: Required<ClinicPublisherOptions>;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #queue: EventQueue;
  readonly #slots: Slots;
  readonly #end = new AbortController();
  /** A lane outlives the request that began it and must not carry its async context along. */
  readonly #context = new AsyncResource("ClinicPublisher");
  readonly #counts = { queued: 0, delivered: 0, retries: 0 };
  readonly #dropped: Record<DropReason, number> = { full: 0, invalid: 0, tooLarge: 0, refused: 0, expired: 0, stopped: 0 };
  #closing: Promise<{ left: number }> | undefined;

  constructor(options: Required<ClinicPublisherOptions>, transport: Transport, clock: Clock) {
    super();
    this.#options = options;
    this.#transport = transport;
    this.#clock = clock;
    this.#queue = new EventQueue(options.capacity, options.maxQueuedBytes);
    this.#slots = new Slots(options.concurrency);
    // Each call and each pause listens for the end; that many are no leak.
    setMaxListeners(0, this.#end.signal);
  }

  override publish(tenant: string, topic: string, type: string, data: unknown, id?: string): boolean {
    // What is malformed is not repeated in a report: it may be anything, of any length.
    const field = faultyField(tenant, topic, type, id ?? undefined);
    if (field) return this.#drop("invalid", field);
    const eventId = id ?? uuidV7(this.#clock.now());
    let json: string | undefined;
    try {
      json = JSON.stringify(data);
    } catch {
      // Whatever a getter or toJSON throws: the request that publishes has done its work and does not pay for it.
    }
    if (json === undefined) return this.#drop("invalid", "data", topic, eventId);
    const body = `{"topic":${JSON.stringify(topic)},"type":${JSON.stringify(type)},"id":${JSON.stringify(eventId)},"data":${json}}`;
    const bytes = Buffer.byteLength(body);
    if (bytes > MAX_BODY_BYTES) return this.#drop("tooLarge", `${bytes} bytes`, topic, eventId);
    return this.#enqueue({ tenant, topic, type, id: eventId, body, bytes, queuedAt: this.#clock.elapsed() });
  }

  /** What has happened so far. */
  stats(): Stats {
    return { ...this.#counts, dropped: { ...this.#dropped }, length: this.#queue.length };
  }

  /**
   * Takes in nothing more and waits for the queue to become empty; the process stays alive meanwhile. What is left then is dropped.
   * @returns How many events were left.
   */
  close({ timeoutMs = 5000 }: { timeoutMs?: number } = {}): Promise<{ left: number }> {
    return (this.#closing ??= this.#close(timeoutMs));
  }

  async #close(timeoutMs: number): Promise<{ left: number }> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#queue.close(), new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)))]);
    clearTimeout(timer);
    this.#end.abort();
    const left = this.#queue.length;
    if (left > 0) {
      this.#dropped.stopped += left;
      this.#report({ kind: "dropped", reason: "stopped", detail: `${left} left in the queue` });
    }
    return { left };
  }

  #enqueue(event: OutgoingEvent): boolean {
    switch (this.#queue.add(event)) {
      case "full":
        return this.#drop("full", "capacity or maxQueuedBytes", event.topic, event.id);
      case "closed":
        return this.#drop("stopped", "published after close", event.topic, event.id);
      case "starts":
        // After the publishing code has gone on; nothing in it throws.
        this.#context.runInAsyncScope(() => setImmediate(() => void this.#runLane(event)));
    }
    this.#counts.queued++;
    return true;
  }

  async #runLane(first: OutgoingEvent): Promise<void> {
    for (let event: OutgoingEvent | undefined = first; event; event = this.#queue.next(event)) {
      const last = await this.#deliver(event);
      if (this.#end.signal.aborted && last.verdict !== "delivered") return;
      if (last.verdict === "delivered") this.#counts.delivered++;
      else if (last.verdict === "expired") this.#drop("expired", "giveUpAfterMs", event.topic, event.id);
      else this.#drop("refused", last.reason, event.topic, event.id);
    }
  }

  /** Tries, and tries again while that makes sense. A pause holds no slot, so that a topic in trouble does not keep the others from being served. */
  async #deliver(event: OutgoingEvent): Promise<Attempt> {
    for (let failures = 0; ; failures++) {
      const attempt = await this.#try(event);
      if ((attempt.verdict !== "again" && attempt.verdict !== "keyRefused") || this.#end.signal.aborted) return attempt;
      this.#counts.retries++;
      this.#report({ kind: "retry", reason: attempt.reason, detail: "", topic: event.topic, id: event.id });
      await this.#clock.wait(retryDelay(attempt, failures, this.#clock.random(), this.#left(event)), this.#end.signal);
    }
  }

  async #try(event: OutgoingEvent): Promise<Attempt> {
    const isAlive = () => this.#left(event) > 0 && !this.#end.signal.aborted;
    if (!isAlive()) return EXPIRED;
    // Where calls hang and topics are many, a slot may be long in coming.
    const tried = this.#slots.use(async () => (isAlive() ? this.#transport(event, this.#end.signal) : EXPIRED), this.#left(event));
    return (await tried) ?? EXPIRED;
  }

  #left(event: OutgoingEvent): number {
    return this.#options.giveUpAfterMs - (this.#clock.elapsed() - event.queuedAt);
  }

  #drop(reason: DropReason, detail: string, topic?: string, id?: string): false {
    this.#dropped[reason]++;
    this.#report({ kind: "dropped", reason, detail, ...(topic !== undefined && { topic }), ...(id !== undefined && { id }) });
    return false;
  }

  #report(report: Report): void {
    try {
      this.#options.onReport(report);
    } catch {
      // A reporter that throws must neither reach the publishing code nor end a lane.
    }
  }
}
