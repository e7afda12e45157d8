import { onlineManager } from "@tanstack/react-query";

/** How often a server that does not answer is asked whether it is back, when no live connection tells. */
const probeMs = 3_000;

/**
 * Whether requests have a chance. The browser knows of its network alone; that the server is away is learnt from requests that fail and from the live
 * connection. Everything that waits goes on when it is back.
 */
class Reachability {
  #network = typeof navigator === "undefined" || navigator.onLine;
  #server = true;
  #probe: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<(reachable: boolean) => void>();

  constructor() {
    onlineManager.setEventListener((setOnline) => {
      this.#listeners.add(setOnline);
      return () => void this.#listeners.delete(setOnline);
    });
    if (typeof window === "undefined") return;
    window.addEventListener("online", () => this.#change(() => (this.#network = true)));
    window.addEventListener("offline", () => this.#change(() => (this.#network = false)));
  }

  /** The live connection ended: it may be the server. */
  doubt(): void {
    if (this.#server && this.#network) void this.#ask();
  }

  answered(): void {
    clearTimeout(this.#probe);
    this.#probe = undefined;
    this.#change(() => (this.#server = true));
  }

  failed(): void {
    this.#change(() => (this.#server = false));
    this.#probe ??= setTimeout(() => void this.#ask(), probeMs);
  }

  async #ask(): Promise<void> {
    this.#probe = undefined;
    try {
      const answer = await fetch("/health/ready", { cache: "no-store" });
      if (answer.ok) return this.answered();
    } catch {
      // Still away.
    }
    this.failed();
  }

  #change(change: () => void): void {
    const before = this.#network && this.#server;
    change();
    const now = this.#network && this.#server;
    if (now !== before) for (const tell of this.#listeners) tell(now);
  }
}

export const reachability = new Reachability();
