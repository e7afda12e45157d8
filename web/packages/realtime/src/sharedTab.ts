import type { Status } from "./presence.js";
import type { TokenReason } from "./connection.js";
import { RealtimeError } from "./errors.js";
import type { Port, ToPage, ToWorker } from "./sharedProtocol.js";
import { withTimeout } from "./withTimeout.js";

/** A page as the worker knows it: what it takes part in, so that it can be undone when the page goes. */
export class SharedTab {
  readonly topics = new Set<string>();
  readonly charts = new Set<string>();
  readonly typing = new Map<string, number>();
  status: Status = "active";
  readonly #port: Port<ToPage, ToWorker>;
  readonly #asked = new Map<number, (answer: { token: string | null; failed: boolean }) => void>();
  #lastAsked = 0;

  constructor(port: Port<ToPage, ToWorker>) {
    this.#port = port;
  }

  tell(message: ToPage): void {
    this.#port.postMessage(message);
  }

  /** Rejects when the page's callback threw or does not answer. */
  async token(reason: TokenReason, timeoutMs: number): Promise<string | null> {
    const id = ++this.#lastAsked;
    const answer = new Promise<{ token: string | null; failed: boolean }>((resolve) => this.#asked.set(id, resolve));
    this.tell({ kind: "token", id, reason });
    try {
      const { token, failed } = await withTimeout(answer, timeoutMs, "the page's token");
      if (failed) throw new RealtimeError("unavailable", "the page's token callback threw");
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
    this.status = "active";
  }
}
