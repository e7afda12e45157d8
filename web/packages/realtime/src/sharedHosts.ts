import { DirectConnection } from "./directConnection.js";
import { RealtimeError } from "./errors.js";
import type { HubLinkFactory } from "./hubLink.js";
import { SharedHost } from "./sharedHost.js";
import { sharedVersion, type Locks, type Port, type ToPage, type ToWorker } from "./sharedProtocol.js";
import { SharedTab } from "./sharedTab.js";
import { identityKey, identityOf } from "./token.js";

export interface SharedHostsOptions {
  readonly link: HubLinkFactory;
  readonly locks: Locks;
  /** Held while the worker lives. */
  readonly lock: string;
}

type Hello = Extract<ToWorker, { kind: "hello" }>;

/** All connections of the worker: one for each hub, clinic, user and set of roles; never one for two of them. */
export class SharedHosts {
  readonly #options: SharedHostsOptions;
  readonly #hosts = new Map<string, SharedHost>();

  constructor(options: SharedHostsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#hosts.size;
  }

  accept(port: Port<ToPage, ToWorker>): void {
    let joined: { tab: SharedTab; host: SharedHost; leave: () => void } | null = null;
    port.onmessage = ({ data: message }) => {
      switch (message.kind) {
        case "hello":
          // A page of another build waits in vain for its welcome, and then has a connection of its own.
          if (message.version !== sharedVersion) break;
          joined?.leave();
          joined = this.#join(port, message);
          break;
        case "call":
          if (joined) this.#call(joined.tab, joined.host, message);
          break;
        case "token":
          joined?.tab.answered(message.id, message.token, message.failed);
          break;
        case "wake":
          joined?.host.wake(message.online);
          break;
        case "networkLost":
          joined?.host.networkLost();
          break;
        case "bye":
          joined?.leave();
          joined = null;
          port.onmessage = null;
          port.close();
          break;
      }
    };
  }

  #join(port: Port<ToPage, ToWorker>, hello: Hello): { tab: SharedTab; host: SharedHost; leave: () => void } {
    const identity = hello.token === null ? null : identityOf(hello.token);
    const key = identity && identityKey(identity);
    const name = JSON.stringify([hello.hubUrl, key ?? hello.lock]);
    const tab = new SharedTab(port);
    let host = this.#hosts.get(name);
    if (!host) this.#hosts.set(name, (host = this.#host(hello, key)));
    const joined = host;
    const gone = new AbortController();
    const leave = () => {
      gone.abort();
      joined.remove(tab);
      if (joined.tabs === 0 && this.#hosts.get(name) === joined) this.#hosts.delete(name);
    };
    // A page that dies says nothing, but lets go of its lock.
    this.#options.locks.request(hello.lock, { signal: gone.signal }, leave).catch(() => undefined);
    tab.tell({ kind: "welcome", version: sharedVersion, lock: this.#options.lock });
    joined.add(tab);
    return { tab, host: joined, leave };
  }

  #host(hello: Hello, key: string | null): SharedHost {
    const { hubUrl: url, timeoutMs, backoff, callsPerSecond } = hello;
    const connect = (...[token, sink]: Parameters<ConstructorParameters<typeof SharedHost>[0]["connect"]>) =>
      new DirectConnection({ url, token, link: this.#options.link, timeoutMs, backoff, callsPerSecond }, sink);
    return new SharedHost({ key, timeoutMs, connect, onMoved: (tab) => tab.tell({ kind: "moved" }) }, hello.token);
  }

  #call(tab: SharedTab, host: SharedHost, { id, method, args, background }: Extract<ToWorker, { kind: "call" }>): void {
    host.call(tab, method, args, background).then(
      (value) => tab.tell({ kind: "result", id, value }),
      (thrown: unknown) => {
        const { code, message, field, causeCode } = RealtimeError.from(thrown);
        tab.tell({ kind: "error", id, code, message, field: field ?? null, causeCode: causeCode ?? null });
      },
    );
  }
}
