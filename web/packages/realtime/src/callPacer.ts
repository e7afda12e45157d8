/**
 * Keeps the calls of a connection below the server's limit: bursts of `perSecond`, then that many a second. What a person waits for goes before what the
 * client does by itself; within both the order is kept.
 */
export class CallPacer {
  readonly #perSecond: number;
  readonly #urgent: (() => void)[] = [];
  readonly #background: (() => void)[] = [];
  #tokens: number;
  #filledAt: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAt = Date.now();
  }

  run(call: () => void, background: boolean): void {
    (background ? this.#background : this.#urgent).push(call);
    this.#drain();
  }

  /** Forgets what waits. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#urgent.length = 0;
    this.#background.length = 0;
  }

  #drain(): void {
    const now = Date.now();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + (Math.max(0, now - this.#filledAt) * this.#perSecond) / 1000);
    this.#filledAt = now;
    while (this.#tokens >= 1) {
      const call = this.#urgent.shift() ?? this.#background.shift();
      if (!call) return;
      this.#tokens -= 1;
      call();
    }
    if (this.#timer !== undefined || this.#urgent.length + this.#background.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#drain();
    }, Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond));
  }
}
