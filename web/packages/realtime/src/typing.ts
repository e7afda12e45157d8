/** The server ends typing 6 s after the last call: one call in 3 s keeps it alive. */
const repeatMs = 3_000;
/** Without a keystroke for this long nobody is typing any more. */
const pauseMs = 3_000;

export interface TypingSession {
  /** With each change of the text. Calls the server at most once in three seconds. */
  keystroke(): void;
  /** The text was sent, emptied or left. */
  stop(): void;
}

/** One thread's typing, whichever of the page's fields it is in. */
class ThreadTyping {
  readonly #call: (method: "StartTyping" | "StopTyping") => boolean;
  readonly #typing = new Set<object>();
  #sentAt = -Infinity;

  constructor(call: (method: "StartTyping" | "StopTyping") => boolean) {
    this.#call = call;
  }

  keystroke(field: object): void {
    this.#typing.add(field);
    const now = Date.now();
    if (now - this.#sentAt < repeatMs) return;
    if (this.#call("StartTyping")) this.#sentAt = now;
  }

  stop(field: object): void {
    if (!this.#typing.delete(field) || this.#typing.size > 0) return;
    this.#sentAt = -Infinity;
    this.#call("StopTyping");
  }

  /** The connection went, and the typing with it: the next keystroke tells it anew. */
  forget(): void {
    this.#sentAt = -Infinity;
  }

  get idle(): boolean {
    return this.#typing.size === 0;
  }
}

/** Tells threads that the user types, throttled. The call answers whether there was a connection; nothing is told later. */
export class Typing {
  readonly #call: (method: "StartTyping" | "StopTyping", threadId: string) => boolean;
  readonly #threads = new Map<string, ThreadTyping>();

  constructor(call: (method: "StartTyping" | "StopTyping", threadId: string) => boolean) {
    this.#call = call;
  }

  get size(): number {
    return this.#threads.size;
  }

  session(threadId: string): TypingSession {
    const field = {};
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      clearTimeout(timer);
      timer = undefined;
      const thread = this.#threads.get(threadId);
      thread?.stop(field);
      if (thread?.idle) this.#threads.delete(threadId);
    };
    const keystroke = () => {
      clearTimeout(timer);
      timer = setTimeout(stop, pauseMs);
      let thread = this.#threads.get(threadId);
      if (!thread) this.#threads.set(threadId, (thread = new ThreadTyping((method) => this.#call(method, threadId))));
      thread.keystroke(field);
    };
    return { keystroke, stop };
  }

  down(): void {
    for (const thread of this.#threads.values()) thread.forget();
  }
}
