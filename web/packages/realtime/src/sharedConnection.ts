import type { Connection, ConnectionSink } from "./connection.js";
import { RealtimeError } from "./errors.js";
import { sharedVersion, type Locks, type Port, type ToPage, type ToWorker } from "./sharedProtocol.js";
import type { ConnectionRequest } from "./sharing.js";
import { initialState, type ConnectionReason, type ConnectionStatus } from "./state.js";
import { withTimeout } from "./withTimeout.js";

/** What this package needs of a `SharedWorker`. */
export interface WorkerHandle {
  readonly port: Port<ToWorker, ToPage>;
  onerror: ((event: never) => unknown) | null;
}

export interface SharedConnectionOptions {
  readonly request: ConnectionRequest;
  readonly sink: ConnectionSink;
  readonly createWorker: () => WorkerHandle;
  readonly locks: Locks;
  /** Makes the page's own connection, for when there is no worker after all. */
  readonly own: () => Connection;
  /** Listens for the page being put away and taken out again. Answers how to stop. */
  readonly watch: (listener: { hide(): void; show(): void }) => () => void;
}

/** A worker that has not said a word by then will not. */
const welcomeMs = 5_000;

/** This page's end of a connection in a shared worker. */
export class SharedConnection implements Connection {
  readonly #options: SharedConnectionOptions;
  readonly #calls = new Map<number, { resolve: (value: unknown) => void; reject: (error: RealtimeError) => void }>();
  #own: Connection | null = null;
  #running = false;
  #round = 0;
  #port: Port<ToWorker, ToPage> | null = null;
  #leave: AbortController | null = null;
  #unwatch: (() => void) | null = null;
  #up = false;
  #everUp = false;
  #away = false;
  #lastCall = 0;

  constructor(options: SharedConnectionOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    if (this.#own) return this.#own.start();
    this.#unwatch = this.#options.watch({
      hide: () => {
        this.#away = true;
        this.#detach("interrupted");
      },
      show: () => {
        // The browser shows a page that it has just loaded, too.
        if (this.#away && this.#own === null) void this.#join();
        this.#away = false;
      },
    });
    void this.#join();
  }

  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    this.#unwatch?.();
    this.#detach("stopped");
    if (this.#own) return this.#own.stop();
    this.#say("offline", "stopped");
  }

  wake(online = true): void {
    if (this.#own) this.#own.wake(online);
    else this.#port?.postMessage({ kind: "wake", online });
  }

  networkLost(): void {
    if (this.#own) this.#own.networkLost();
    else this.#port?.postMessage({ kind: "networkLost" });
  }

  invoke(method: string, args: readonly unknown[], background = false): Promise<unknown> {
    if (this.#own) return this.#own.invoke(method, args, background);
    const port = this.#port;
    if (!this.#running) return Promise.reject(new RealtimeError("stopped", "the client is stopped"));
    if (!port || !this.#up) return Promise.reject(new RealtimeError("offline", "there is no connection"));
    let plain: unknown[];
    try {
      // As the worker will send it: what a port can't carry, such as an observable's proxy, JSON can.
      plain = JSON.parse(JSON.stringify(args)) as unknown[];
    } catch (error) {
      return Promise.reject(new RealtimeError("invalid", `args of ${method} can't be written as JSON`, { field: "args", cause: error }));
    }
    return new Promise((resolve, reject) => {
      const id = ++this.#lastCall;
      this.#calls.set(id, { resolve, reject });
      port.postMessage({ kind: "call", id, method, args: plain, background });
    });
  }

  async #join(): Promise<void> {
    const round = ++this.#round;
    const { request, locks, createWorker } = this.#options;
    if (this.#everUp) this.#say("reconnecting", "lost");
    else this.#say("connecting", null);
    const token = await withTimeout(Promise.resolve().then(() => request.token({ reason: "connect" })), request.timeoutMs, "the token callback").catch(() => null);
    if (round !== this.#round) return;
    const leave = (this.#leave = new AbortController());
    const lock = `clinic-realtime-page-${crypto.randomUUID()}`;
    let worker: WorkerHandle;
    try {
      await holdLock(locks, lock, leave.signal);
      if (round !== this.#round) return leave.abort();
      worker = createWorker();
    } catch {
      // Not allowed on this page; or it was put away meanwhile.
      if (round === this.#round) this.#alone();
      return;
    }
    const port = worker.port;
    this.#port = port;
    const welcome = setTimeout(() => this.#alone(), welcomeMs);
    leave.signal.addEventListener("abort", () => clearTimeout(welcome));
    worker.onerror = () => {
      // Its script could not be loaded, or is not allowed. What fails later fails by itself.
      if (round === this.#round && this.#port === port && !this.#up) this.#alone();
    };
    port.onmessage = ({ data }) => {
      if (round !== this.#round) return;
      if (data.kind === "welcome") {
        clearTimeout(welcome);
        if (data.version !== sharedVersion) return this.#alone();
        this.#outlive(data.lock, leave.signal, round);
      } else this.#told(data, port);
    };
    const { hubUrl, timeoutMs, backoff, callsPerSecond } = request;
    port.postMessage({ kind: "hello", version: sharedVersion, lock, hubUrl, token, timeoutMs, backoff, callsPerSecond });
  }

  #told(message: Exclude<ToPage, { kind: "welcome" }>, port: Port<ToWorker, ToPage>): void {
    const { sink } = this.#options;
    switch (message.kind) {
      case "state":
        return sink.state(message.state);
      case "up":
        this.#up = this.#everUp = true;
        return sink.up(message.identity);
      case "down":
        return this.#wentDown();
      case "events":
        return sink.events(message.events);
      case "presence":
        return sink.presence(message.diff);
      case "signals":
        return sink.signals(message.signals);
      case "reset":
        return sink.reset(message.topic, message.reason);
      case "result":
        this.#calls.get(message.id)?.resolve(message.value);
        return void this.#calls.delete(message.id);
      case "error": {
        const { id, code, message: text, field, causeCode } = message;
        this.#calls.get(id)?.reject(new RealtimeError(code, text, { field: field ?? undefined, causeCode: causeCode ?? undefined }));
        return void this.#calls.delete(id);
      }
      case "token":
        return void this.#answerToken(message.id, message.reason, port);
      case "moved":
        this.#detach("interrupted");
        return void this.#join();
    }
  }

  async #answerToken(id: number, reason: "connect" | "renew" | "refused", port: Port<ToWorker, ToPage>): Promise<void> {
    let answer: { token: string | null; failed: boolean };
    try {
      answer = { token: await this.#options.request.token({ reason }), failed: false };
    } catch {
      // The worker asks another page, and in the end this one again.
      answer = { token: null, failed: true };
    }
    if (this.#port === port) port.postMessage({ kind: "token", id, ...answer });
  }

  /** When the worker's lock is free, the worker is gone: this page makes another, or shares the one that another page made. */
  #outlive(lock: string, signal: AbortSignal, round: number): void {
    this.#options.locks
      .request(lock, { signal }, () => {
        if (round !== this.#round || !this.#running) return;
        this.#detach("interrupted");
        void this.#join();
      })
      .catch(() => undefined);
  }

  /** There is no worker to be had. */
  #alone(): void {
    this.#detach("interrupted");
    if (!this.#running) return;
    this.#unwatch?.();
    this.#own = this.#options.own();
    this.#own.start();
  }

  #detach(code: "interrupted" | "stopped"): void {
    this.#round++;
    const port = this.#port;
    this.#port = null;
    if (port) {
      port.postMessage({ kind: "bye" });
      port.onmessage = null;
      port.close();
    }
    this.#leave?.abort();
    this.#leave = null;
    if (this.#up) this.#wentDown(code);
  }

  #wentDown(code: "interrupted" | "stopped" = "interrupted"): void {
    this.#up = false;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    const error = new RealtimeError(code, "the connection ended before the answer");
    for (const { reject } of calls) reject(error);
    this.#options.sink.down();
  }

  #say(status: ConnectionStatus, reason: ConnectionReason | null): void {
    this.#options.sink.state(Object.freeze({ ...initialState, status, reason, since: Date.now() }));
  }
}

/** Resolves when the lock is held; it is let go of when the signal says so, or the page dies. */
function holdLock(locks: Locks, name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    locks
      .request(name, { signal }, () => {
        resolve();
        return new Promise<void>((release) => signal.addEventListener("abort", () => release()));
      })
      .catch(reject);
  });
}
