import { pauseMs, type Backoff } from "./backoff.js";
import { CallPacer } from "./callPacer.js";
import type { Connection, ConnectionSink, TokenReason, TokenSource } from "./connection.js";
import { RealtimeError } from "./errors.js";
import type { ClinicEvent, Signal } from "./events.js";
import { LinkError, type HubLink, type HubLinkFactory } from "./hubLink.js";
import type { WirePresenceDiff } from "./presence.js";
import { initialState, type ConnectionReason, type ConnectionState, type ConnectionStatus } from "./state.js";
import { identityOf } from "./token.js";
import { subjectOf } from "./callSubject.js";
import { TokenRenewal } from "./tokenRenewal.js";
import { withTimeout } from "./withTimeout.js";

export interface DirectConnectionOptions {
  readonly url: string;
  readonly token: TokenSource;
  readonly link: HubLinkFactory;
  readonly backoff: Backoff;
  /** How long a token, a connection or an answer may take. */
  readonly timeoutMs: number;
  readonly callsPerSecond: number;
}

/** A connection that lasted this long starts counting tries anew; one that is cut off at once does not. */
const stableMs = 5_000;
/** A refused token is tried again after half to all of this. */
const unauthorizedMs = 30_000;
const maxRetryAfterMs = 300_000;
/** Silence after which a page that wakes doubts its connection, and how long the answer may take. */
const doubtAfterMs = 12_000;
const doubtTimeoutMs = 4_000;

/** The page's own connection: an explicit machine around links that are used once. */
export class DirectConnection implements Connection {
  readonly #options: DirectConnectionOptions;
  readonly #sink: ConnectionSink;
  readonly #renewal: TokenRenewal;
  #state: ConnectionState = initialState;
  #running = false;
  /** Counts links: what an old one still says is ignored. */
  #generation = 0;
  #link: HubLink | null = null;
  #pacer: CallPacer | null = null;
  #up = false;
  #everUp = false;
  #upAt = 0;
  #heardAt = 0;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #notBefore = 0;
  #closing: { reason: ConnectionReason; retryAfterMs: number } | null = null;
  #noNetwork = false;
  #refused = false;
  #status: unknown = "active";
  #pending = new Set<(error: RealtimeError) => void>();

  constructor(options: DirectConnectionOptions, sink: ConnectionSink) {
    this.#options = options;
    this.#sink = sink;
    this.#renewal = new TokenRenewal({
      token: () => withTimeout(Promise.resolve(options.token({ reason: "renew" })), options.timeoutMs, "the token callback"),
      authenticate: async (token) => void (await this.invoke("Authenticate", [token])),
      // The page signed in as somebody else: everything starts anew with the new token.
      otherIdentity: () => this.#cut("lost", 0),
    });
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#noNetwork = false;
    this.#attempt = 0;
    this.#everUp = false;
    void this.#connect("connect");
  }

  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    const link = this.#drop(new RealtimeError("stopped", "the client was stopped"));
    clearTimeout(this.#retry);
    this.#become("offline", "stopped");
    await link?.stop();
  }

  wake(online = true): void {
    if (!this.#running) return;
    this.#noNetwork = !online;
    if (this.#up) {
      if (Date.now() - this.#heardAt > doubtAfterMs) void this.#doubt();
    } else if (this.#retry !== undefined) {
      this.#schedule(Math.max(0, this.#notBefore - Date.now()));
    }
  }

  networkLost(): void {
    if (!this.#running) return;
    this.#noNetwork = true;
    if (this.#up) this.#cut("no_network");
    else if (this.#retry !== undefined) this.#become("offline", "no_network", this.#state.retryAt);
  }

  invoke(method: string, args: readonly unknown[], background = false): Promise<unknown> {
    const link = this.#link;
    const pacer = this.#pacer;
    if (!this.#up || !link || !pacer) {
      return Promise.reject(this.#running ? new RealtimeError("offline", "there is no connection") : new RealtimeError("stopped", "the client is stopped"));
    }
    if (method === "SetStatus") this.#status = args[0];
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const fail = (error: RealtimeError) => {
        clearTimeout(timer);
        this.#pending.delete(fail);
        reject(error);
      };
      this.#pending.add(fail);
      pacer.run(() => {
        timer = setTimeout(() => fail(new RealtimeError("timeout", `${method} was not answered in time`)), this.#options.timeoutMs);
        link.invoke(method, args).then(
          (answer) => {
            clearTimeout(timer);
            this.#heardAt = Date.now();
            if (this.#pending.delete(fail)) resolve(answer);
          },
          (error: unknown) => fail(RealtimeError.from(error)),
        );
      }, background, subjectOf(method, args));
    });
  }

  async #connect(reason: TokenReason): Promise<void> {
    const generation = ++this.#generation;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.#state.status !== "unauthorized") this.#becomeTrying(null);
    let token: string | null;
    try {
      token = await withTimeout(Promise.resolve(this.#options.token({ reason })), this.#options.timeoutMs, "the token callback");
    } catch {
      if (generation === this.#generation) this.#failed("token_failed");
      return;
    }
    if (generation !== this.#generation) return;
    if (!token) return this.#unauthorized("no_token");
    let link: HubLink;
    try {
      link = this.#options.link({ url: this.#options.url, token });
    } catch {
      return this.#failed("lost");
    }
    this.#link = link;
    this.#closing = null;
    this.#listen(link, generation);
    try {
      await withTimeout(link.start(), this.#options.timeoutMs, "the connection");
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#link = null;
      void link.stop();
      if (error instanceof LinkError && error.kind === "unauthenticated") {
        // What was at hand may have ended just now: one fresh token before anybody is told.
        if (reason !== "refused" && !this.#refused) return void this.#connect("refused");
        return this.#unauthorized("refused");
      }
      if (error instanceof LinkError && error.kind === "forbidden") return this.#unauthorized("forbidden");
      return this.#failed("lost", error instanceof LinkError ? error.retryAfterMs : 0);
    }
    if (generation !== this.#generation) return void link.stop();
    this.#connected(token);
  }

  #listen(link: HubLink, generation: number): void {
    const heard = <T>(tell: (argument: T) => void) => (argument: unknown) => {
      if (generation !== this.#generation) return;
      this.#heardAt = Date.now();
      tell(argument as T);
    };
    link.on("events", heard<readonly ClinicEvent[]>((events) => this.#sink.events(events)));
    link.on("presence", heard<WirePresenceDiff>((diff) => this.#sink.presence(diff)));
    link.on("signals", heard<readonly Signal[]>((signals) => this.#sink.signals(signals)));
    link.on("reset", heard<{ topic: string; reason?: string | null }>(({ topic, reason }) => this.#sink.reset(topic, reason ?? null)));
    link.on(
      "closing",
      heard<{ reason: string; retryAfterMs: number }>(({ reason, retryAfterMs }) => {
        const known = reason === "shutdown" || reason === "token_expired" ? reason : "lost";
        this.#closing = { reason: known, retryAfterMs: Math.min(maxRetryAfterMs, Math.max(0, Number(retryAfterMs) || 0)) };
      }),
    );
    link.onClose(() => {
      if (generation === this.#generation && this.#up) this.#cut("lost");
    });
  }

  #connected(token: string): void {
    this.#up = true;
    this.#everUp = true;
    this.#refused = false;
    this.#noNetwork = false;
    this.#upAt = this.#heardAt = Date.now();
    this.#notBefore = 0;
    // As the server has it of a new connection.
    this.#status = "active";
    this.#pacer = new CallPacer(this.#options.callsPerSecond);
    this.#renewal.begin(token);
    this.#become("connected", null);
    this.#sink.up(identityOf(token));
  }

  /** The link is gone, or is to be: whoever waits is told, and the next try is planned. */
  #cut(reason: ConnectionReason, delayMs?: number): void {
    const closing = this.#closing;
    if (Date.now() - this.#upAt >= stableMs) this.#attempt = 0;
    const link = this.#drop(new RealtimeError("interrupted", "the connection ended before the answer"));
    void link?.stop();
    if (closing) return this.#failed(closing.reason, closing.retryAfterMs, closing.retryAfterMs);
    this.#failed(reason, 0, delayMs);
  }

  #drop(error: RealtimeError): HubLink | null {
    const link = this.#link;
    const wasUp = this.#up;
    this.#generation++;
    this.#link = null;
    this.#up = false;
    this.#pacer?.clear();
    this.#pacer = null;
    this.#closing = null;
    this.#renewal.end();
    for (const fail of [...this.#pending]) fail(error);
    if (wasUp) this.#sink.down();
    return link;
  }

  #failed(reason: ConnectionReason, retryAfterMs = 0, exactMs?: number): void {
    this.#notBefore = Date.now() + retryAfterMs;
    const pause = exactMs ?? retryAfterMs + pauseMs(this.#attempt, this.#options.backoff);
    this.#attempt++;
    this.#schedule(pause, reason);
  }

  #unauthorized(reason: "no_token" | "refused" | "forbidden"): void {
    this.#refused = true;
    this.#attempt++;
    const pause = unauthorizedMs / 2 + pauseMs(0, { baseMs: unauthorizedMs / 2, maxMs: unauthorizedMs / 2 });
    this.#notBefore = 0;
    this.#become("unauthorized", reason, Date.now() + pause);
    this.#arm(pause);
  }

  #schedule(pause: number, reason?: ConnectionReason): void {
    if (this.#state.status === "unauthorized" && reason === undefined) this.#become("unauthorized", this.#state.reason, Date.now() + pause);
    else this.#becomeTrying(Date.now() + pause, reason);
    this.#arm(pause);
  }

  #arm(pause: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#connect(this.#refused ? "refused" : "connect"), pause);
  }

  #becomeTrying(retryAt: number | null, reason: ConnectionReason | null = this.#state.reason === "stopped" ? null : this.#state.reason): void {
    if (this.#noNetwork) this.#become("offline", "no_network", retryAt);
    else this.#become(this.#everUp ? "reconnecting" : "connecting", reason === "no_network" ? "lost" : reason, retryAt);
  }

  #become(status: ConnectionStatus, reason: ConnectionReason | null, retryAt: number | null = null): void {
    const before = this.#state;
    const attempt = status === "connected" ? 0 : this.#attempt;
    if (before.status === status && before.reason === reason && before.retryAt === retryAt && before.attempt === attempt) return;
    const since = before.status === status && before.since !== 0 ? before.since : Date.now();
    this.#state = Object.freeze({ status, reason, since, attempt, retryAt });
    this.#sink.state(this.#state);
  }

  /** A call that changes nothing: after a sleep a socket can be dead long before anybody notices. */
  async #doubt(): Promise<void> {
    const generation = this.#generation;
    this.#heardAt = Date.now();
    try {
      await withTimeout(this.invoke("SetStatus", [this.#status]), doubtTimeoutMs, "the connection");
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof RealtimeError && error.code === "rate_limited") return;
      this.#cut("lost", 0);
    }
  }
}
