// A browser in memory: locks, and a shared worker that pages connect to over ports that copy what they carry.
import type { WorkerHandle } from "../src/sharedConnection.js";
import { SharedConnection } from "../src/sharedConnection.js";
import { SharedHosts } from "../src/sharedHosts.js";
import type { Locks, Port, ToPage, ToWorker } from "../src/sharedProtocol.js";
import type { RealtimeOptions } from "../src/index.js";
import { newClient } from "./clients.js";
import type { FakeHub } from "./fakeHub.js";

/** Locks of one browser; `kill` lets go of all that one page or worker held. */
export class FakeLocks {
  readonly #held = new Map<string, { owner: string; release: () => void }>();
  readonly #waiting: { name: string; grant: () => void }[] = [];

  of(owner: string): Locks {
    return {
      request: (name, { signal }, held) =>
        new Promise((resolve, reject) => {
          const grant = () => {
            let released = false;
            const release = () => {
              if (released) return;
              released = true;
              this.#held.delete(name);
              resolve(undefined);
              this.#next(name);
            };
            this.#held.set(name, { owner, release });
            void Promise.resolve(held()).then(release);
          };
          const waiting = { name, grant };
          signal?.addEventListener("abort", () => {
            const at = this.#waiting.indexOf(waiting);
            if (at >= 0) {
              this.#waiting.splice(at, 1);
              reject(new DOMException("aborted", "AbortError"));
            }
          });
          if (this.#held.has(name)) this.#waiting.push(waiting);
          else grant();
        }),
    };
  }

  kill(owner: string): void {
    for (const { owner: by, release } of [...this.#held.values()]) if (by === owner) release();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  #next(name: string): void {
    const at = this.#waiting.findIndex((one) => one.name === name);
    if (at >= 0) this.#waiting.splice(at, 1)[0]?.grant();
  }
}

class FakePort<Out, In> implements Port<Out, In> {
  onmessage: ((event: { readonly data: In }) => void) | null = null;
  other: FakePort<In, Out> | null = null;
  open = true;

  postMessage(message: Out): void {
    const copy = structuredClone(message);
    if (this.open) queueMicrotask(() => this.other?.onmessage?.({ data: copy }));
  }

  close(): void {
    this.open = false;
  }
}

export class FakeBrowser {
  readonly locks = new FakeLocks();
  /** Workers made so far; pages share the last that lives. */
  workers = 0;
  hosts: SharedHosts | null = null;
  broken = false;
  /** What the worker says of its version; that of the page when left out. */
  version: number | undefined;
  readonly #hub: FakeHub;
  #ports: FakePort<ToPage, ToWorker>[] = [];

  constructor(hub: FakeHub) {
    this.#hub = hub;
  }

  /** A tab whose client shares; its `hide` and `show` are those of the browser's page cache. */
  tab(name: string, options: Partial<RealtimeOptions> = {}) {
    const page = { hide: () => {}, show: () => {} };
    const client = newClient(this.#hub, {
      sharing: (request, sink, own) =>
        new SharedConnection({
          request,
          sink,
          own,
          locks: this.locks.of(name),
          createWorker: () => this.#connect(),
          watch: (listener) => {
            Object.assign(page, listener);
            return () => undefined;
          },
        }),
      ...options,
    });
    client.start();
    return Object.assign(client, { hide: () => page.hide(), show: () => page.show() });
  }

  /** The worker's process ends; nobody is told but by its lock. */
  killWorker(): void {
    for (const port of this.#ports.splice(0)) {
      port.onmessage = null;
      port.open = false;
    }
    for (const link of this.#hub.links) link.up = false;
    this.hosts = null;
    this.locks.kill(`worker ${this.workers}`);
  }

  #connect(): WorkerHandle {
    const [page, worker] = [new FakePort<ToWorker, ToPage>(), new FakePort<ToPage, ToWorker>()];
    page.other = worker;
    worker.other = page;
    const handle: WorkerHandle = { port: page, onerror: null };
    if (this.broken) {
      queueMicrotask(() => (handle.onerror as (() => void) | null)?.());
      return handle;
    }
    if (!this.hosts) {
      const owner = `worker ${++this.workers}`;
      const locks = this.locks.of(owner);
      void locks.request(owner, {}, () => new Promise<void>(() => undefined));
      this.hosts = new SharedHosts({ link: this.#hub.factory, locks, lock: owner });
    }
    this.#ports.push(worker);
    if (this.version !== undefined) {
      const { version } = this;
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message) => post(message.kind === "welcome" ? { ...message, version } : message);
    }
    this.hosts.accept(worker);
    return handle;
  }
}
