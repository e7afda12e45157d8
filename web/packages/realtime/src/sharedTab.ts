import type { Status } from "./presence.js";
import type { TokenReason } from "./connection.js";
import { RealtimeError } from "./errors.js";
import type { Port, ToPage, ToWorker } from "./sharedProtocol.js";
import { TakingPart } from "./takingPart.js";
import { withTimeout } from "./withTimeout.js";

interface TokenAnswer {
  readonly token: string | null;
  readonly failed: boolean;
}

/** A page as the worker knows it: what it takes part in, so that it can be undone when the page goes. */
export class SharedTab {
  readonly topics = new TakingPart();
  /** Those that it opened, and those that an edit of its opened. */
  readonly charts = new TakingPart();
  readonly typing = new Map<string, number>();
  /** The page's own, whatever connection there is: a page that sleeps can't tell it again. */
  status: Status = "active";
  readonly #port: Port<ToPage, ToWorker>;
  readonly #asked = new Map<number, (answer: TokenAnswer) => void>();
  #lastAsked = 0;

  constructor(port: Port<ToPage, ToWorker>) {
    this.#port = port;
  }

  tell(message: ToPage): void {
    this.#port.postMessage(message);
  }

  /** Rejects when the page's callback threw, does not answer, or the page went. */
  async token(reason: TokenReason, timeoutMs: number): Promise<string | null> {
    const id = ++this.#lastAsked;
    const answer = new Promise<TokenAnswer>((resolve) => this.#asked.set(id, resolve));
    this.tell({ kind: "token", id, reason });
    try {
      const { token, failed } = await withTimeout(answer, timeoutMs, "the page's token");
      if (failed) throw new RealtimeError("unavailable", "the page has no token to give");
      return token;
    } finally {
      this.#asked.delete(id);
    }
  }

  answered(id: number, token: string | null, failed: boolean): void {
    this.#asked.get(id)?.({ token, failed });
  }

  /** The connection ended, and with it what the page took part in; it asks anew. */
  forget(): void {
    this.topics.clear();
    this.charts.clear();
    this.typing.clear();
  }

  /** The page went: it takes part in nothing, and nobody waits for it. */
  gone(): void {
    this.forget();
    for (const answer of this.#asked.values()) answer({ token: null, failed: true });
  }
}
