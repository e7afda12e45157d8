interface Waiting {
  readonly call: () => void;
  readonly subject: string | null;
}

/**
 * Keeps the calls of a connection below the server's limit: bursts of `perSecond`, then that many a second. What a person waits for goes before what the
 * client does by itself; within both, and among calls about one subject, the order is kept.
 */
export class CallPacer {
  readonly #perSecond: number;
  readonly #urgent: Waiting[] = [];
  #background: Waiting[] = [];
  #tokens: number;
  #filledAt: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAt = Date.now();
  }

  run(call: () => void, background: boolean, subject: string | null = null): void {
    const waiting = { call, subject };
    if (background) this.#background.push(waiting);
    else {
      if (subject !== null) this.#hurry(subject);
      this.#urgent.push(waiting);
    }
    this.#drain();
  }

  /** Forgets what waits. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#urgent.length = 0;
    this.#background.length = 0;
  }

  /** What was asked of this before goes before. */
  #hurry(subject: string): void {
    if (!this.#background.some((one) => one.subject === subject)) return;
    this.#urgent.push(...this.#background.filter((one) => one.subject === subject));
    this.#background = this.#background.filter((one) => one.subject !== subject);
  }

  #drain(): void {
    const now = Date.now();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + (Math.max(0, now - this.#filledAt) * this.#perSecond) / 1000);
    this.#filledAt = now;
    while (this.#tokens >= 1) {
      const next = this.#urgent.shift() ?? this.#background.shift();
      if (!next) return;
      this.#tokens -= 1;
      next.call();
    }
    if (this.#timer !== undefined || this.#urgent.length + this.#background.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#drain();
    }, Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond));
  }
}
