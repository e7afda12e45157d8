import { RealtimeError } from "./errors.js";
import { lifetimeMs, renewInMs } from "./token.js";

/** A timer can't wait longer than this. */
const longestTimer = 2 ** 31 - 1;
const slowestRepeatMs = 30_000;
/** Tokens that seem to end at once, because they are that short or a clock is wrong, are not asked for one after the other. */
const quickestMs = 1_000;

export interface TokenRenewalOptions {
  readonly token: () => Promise<string | null>;
  readonly authenticate: (token: string) => Promise<void>;
  readonly otherIdentity: () => void;
}

/** Presents a fresh token before the present one ends, and keeps asking until it ends. */
export class TokenRenewal {
  readonly #options: TokenRenewalOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round = 0;
  #endsAt = 0;
  #token = "";

  constructor(options: TokenRenewalOptions) {
    this.#options = options;
  }

  begin(token: string): void {
    this.end();
    this.#token = token;
    const lifetime = lifetimeMs(token, Date.now());
    if (lifetime === null) return;
    this.#endsAt = Date.now() + lifetime;
    this.#wait(Math.max(quickestMs, renewInMs(lifetime)));
  }

  end(): void {
    this.#round++;
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    const round = this.#round;
    this.#timer = setTimeout(() => {
      if (ms > longestTimer) this.#wait(ms - longestTimer);
      else void this.#renew(round);
    }, Math.min(ms, longestTimer));
  }

  async #renew(round: number): Promise<void> {
    let fresh: string | null = null;
    try {
      fresh = await this.#options.token();
      if (round !== this.#round) return;
      if (fresh && fresh !== this.#token) {
        await this.#options.authenticate(fresh);
        if (round === this.#round) this.begin(fresh);
        return;
      }
    } catch (error) {
      if (round !== this.#round) return;
      if (fresh && error instanceof RealtimeError && error.code === "forbidden") return this.#options.otherIdentity();
      // Whatever else it was, there is time until the present token ends; then the server says so and the connection asks anew.
    }
    const left = this.#endsAt - Date.now();
    if (left > 0) this.#wait(Math.min(slowestRepeatMs, Math.max(quickestMs, left / 4)));
  }
}
