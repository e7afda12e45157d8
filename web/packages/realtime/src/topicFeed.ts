import { pauseMs } from "./backoff.js";
import { RealtimeError } from "./errors.js";
import type { ClinicEvent, Signal } from "./events.js";
import type { WirePresence, WirePresenceDiff } from "./presence.js";
import { PresenceSet, type PresenceDelta } from "./presenceSet.js";
import type { ResetReason, TopicListener, TopicState } from "./topicListener.js";
import type { Position } from "./topics.js";

/** The answer of `Subscribe`. */
export interface SubscribeAnswer {
  readonly topic: string;
  readonly epoch: string;
  readonly offset: number;
  readonly recovered: boolean;
  readonly events: readonly ClinicEvent[];
  readonly presence: WirePresence;
}

export interface TopicFeedOptions {
  readonly subscribe: (topic: string, since: Position | null) => Promise<SubscribeAnswer>;
  readonly report: (error: unknown) => void;
}

const waiting: TopicState = Object.freeze({ status: "waiting", error: null });
const live: TopicState = Object.freeze({ status: "live", error: null });
const repeats = { baseMs: 1_000, maxMs: 15_000 };
/** What is kept until an answer comes; beyond it the topic asks again from its position. */
const mostKept = 5_000;
/** Gaps in a row that asking again did not close; then the topic starts anew. */
const mostGaps = 3;

/** One topic on one connection after the other: its position, its presence and who listens. */
export class TopicFeed {
  readonly topic: string;
  readonly #options: TopicFeedOptions;
  readonly #presence = new PresenceSet();
  /** Each listener, and whether it was told that it hears everything from now on. */
  readonly #listeners = new Map<TopicListener, boolean>();
  #state: TopicState = waiting;
  #position: Position | null = null;
  /** Of the subscription that is awaited; null when none is. */
  #awaited: object | null = null;
  #kept: (ClinicEvent | WirePresenceDiff)[] = [];
  #overflown = false;
  #connected = false;
  #failures = 0;
  #gaps = 0;
  #startsAnew: ResetReason | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(topic: string, options: TopicFeedOptions) {
    this.topic = topic;
    this.#options = options;
  }

  get state(): TopicState {
    return this.#state;
  }

  get presence() {
    return this.#presence.snapshot;
  }

  get position(): Position | null {
    return this.#position;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  add(listener: TopicListener): void {
    this.#listeners.set(listener, false);
    // Not within the call: the caller does not have its subscription yet.
    queueMicrotask(() => {
      if (this.#state.status === "live") this.#start(listener);
    });
  }

  remove(listener: TopicListener): void {
    this.#listeners.delete(listener);
  }

  /** A new connection. What of before is of another identity is forgotten. */
  up(sameIdentity: boolean): void {
    this.#connected = true;
    if (!sameIdentity) {
      this.#forget("identity");
      this.signedOut();
    }
    this.join();
  }

  /** Who was there is nobody else's to see. The position stays: if the same user comes back, nothing is missed. */
  signedOut(): void {
    if (this.#presence.forget()) this.#changed();
  }

  down(): void {
    this.#connected = false;
    this.#awaited = null;
    this.#kept = [];
    clearTimeout(this.#timer);
    const suspended = this.#presence.suspend();
    if (this.#state === waiting && !suspended) return;
    this.#state = waiting;
    this.#changed();
  }

  /** The last listener left: nothing more is asked or told. */
  close(): void {
    this.down();
    this.#listeners.clear();
  }

  /** Asks for what came since the position; what arrives before the answer is kept. */
  join(): void {
    if (!this.#connected) return;
    clearTimeout(this.#timer);
    const awaited = {};
    // Asked again while an answer is awaited: what was kept is still to be taken.
    if (this.#awaited === null) this.#kept = [];
    this.#awaited = awaited;
    this.#overflown = false;
    this.#options.subscribe(this.topic, this.#position).then(
      (answer) => {
        if (this.#awaited === awaited) this.#answered(answer);
      },
      (error: unknown) => {
        if (this.#awaited === awaited) this.#failed(RealtimeError.from(error));
      },
    );
  }

  event(event: ClinicEvent): void {
    if (this.#awaited) this.#keep(event);
    else if (this.#state.status === "live") this.#take(event);
  }

  diff(diff: WirePresenceDiff): void {
    if (this.#awaited) this.#keep(diff);
    else if (this.#state.status === "live") this.#takeDiff(diff);
  }

  signal(signal: Signal): void {
    this.#tell((listener) => listener.onSignal?.(signal));
  }

  /** The server can't close a gap, and sends nothing more until asked. */
  reset(): void {
    this.#forget("reset");
    this.#kept = [];
    this.join();
  }

  #forget(reason: ResetReason): void {
    this.#position = null;
    this.#startsAnew = reason;
  }

  #keep(item: ClinicEvent | WirePresenceDiff): void {
    if (this.#kept.length < mostKept) this.#kept.push(item);
    else this.#overflown = true;
  }

  #answered(answer: SubscribeAnswer): void {
    this.#awaited = null;
    this.#failures = 0;
    const hadPosition = this.#position !== null;
    const recovered = answer.recovered && hadPosition;
    if (recovered) {
      for (const event of answer.events) if (!this.#take(event) || !this.#connected) return;
      this.#position = { epoch: answer.epoch, offset: Math.max(answer.offset, this.#position?.offset ?? 0) };
    } else {
      this.#position = { epoch: answer.epoch, offset: answer.offset };
    }
    const knew = this.#presence.known;
    const delta = this.#presence.applySnapshot(answer.presence);
    this.#state = live;
    if (!recovered) {
      const reason = hadPosition ? "gap" : this.#startsAnew;
      if (reason) this.#tell((listener) => this.#listeners.get(listener) && listener.onReset?.({ topic: this.topic, reason }));
    }
    this.#startsAnew = null;
    for (const listener of [...this.#listeners.keys()]) this.#start(listener);
    if (knew) this.#toldPresence(delta);
    const kept = this.#kept;
    this.#kept = [];
    if (this.#overflown) return this.join();
    for (const item of kept) {
      if ("offset" in item) this.event(item);
      else this.diff(item);
    }
    this.#changed();
  }

  #failed(error: RealtimeError): void {
    this.#awaited = null;
    if (error.code === "interrupted" || error.code === "stopped" || error.code === "offline") {
      if (this.#connected) this.#again();
      return;
    }
    if (error.transient) return this.#again();
    this.#kept = [];
    this.#forget("reset");
    this.#presence.forget();
    this.#state = Object.freeze({ status: "refused", error });
    this.#changed();
  }

  /** Until it worked nothing is taken: the answer will bring it. */
  #again(): void {
    this.#kept = [];
    if (this.#state !== waiting) {
      this.#presence.suspend();
      this.#state = waiting;
      this.#changed();
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.join(), 250 + pauseMs(this.#failures++, repeats));
  }

  /** Whether the event was taken, or known already. */
  #take(event: ClinicEvent): boolean {
    const position = this.#position;
    if (position && event.epoch === position.epoch) {
      if (event.offset <= position.offset) return true;
      if (event.offset === position.offset + 1) {
        this.#position = { epoch: event.epoch, offset: event.offset };
        this.#gaps = 0;
        this.#tell((listener) => listener.onEvent?.(event));
        return true;
      }
    }
    if (++this.#gaps > mostGaps) {
      this.#gaps = 0;
      this.#forget("gap");
    }
    this.join();
    return false;
  }

  #takeDiff(diff: WirePresenceDiff): void {
    const delta = this.#presence.applyDiff(diff);
    if (delta === "gap") this.join();
    else if (delta !== "old") {
      this.#toldPresence(delta);
      this.#changed();
    }
  }

  #start(listener: TopicListener): void {
    if (this.#listeners.get(listener) !== false) return;
    this.#listeners.set(listener, true);
    this.#safely(() => listener.onReset?.({ topic: this.topic, reason: "start" }));
  }

  #toldPresence(delta: PresenceDelta): void {
    if (delta.joins.length + delta.updates.length + delta.leaves.length === 0) return;
    const change = { topic: this.topic, ...delta, presence: this.#presence.snapshot };
    this.#tell((listener) => listener.onPresence?.(change));
  }

  #changed(): void {
    this.#tell((listener) => listener.onChange?.());
  }

  #tell(one: (listener: TopicListener) => unknown): void {
    for (const listener of [...this.#listeners.keys()]) {
      // A handler may have closed another's subscription meanwhile.
      if (this.#listeners.has(listener)) this.#safely(() => void one(listener));
    }
  }

  #safely(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      this.#options.report(error);
    }
  }
}
