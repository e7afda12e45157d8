import type { Connection, ConnectionSink, TokenReason } from "./connection.js";
import type { ClinicEvent, Signal } from "./events.js";
import type { Status, WirePresenceDiff } from "./presence.js";
import { SharedEdits } from "./sharedEdits.js";
import type { ToPage } from "./sharedProtocol.js";
import type { SharedTab } from "./sharedTab.js";
import { initialState, type ConnectionState } from "./state.js";
import { identityKey, identityOf, type Identity } from "./token.js";

export interface SharedHostOptions {
  /** Whose pages share it; null for one page alone, whose token did not say. */
  readonly key: string | null;
  readonly timeoutMs: number;
  readonly connect: (token: (request: { reason: TokenReason }) => Promise<string | null>, sink: ConnectionSink) => Connection;
  /** The page's token is of somebody else. */
  readonly onMoved: (tab: SharedTab) => void;
}

/** As the server orders them: the first that one of the pages has is the connection's. */
const statuses: readonly Status[] = ["busy", "active", "away", "hidden"];
const typingMs = 6_000;

/**
 * One connection and the pages that share it. Each page asks for itself, with its own positions; what only makes sense once a connection (leaving a topic,
 * closing a chart, a status, an edit) is decided here.
 */
export class SharedHost implements ConnectionSink {
  readonly #options: SharedHostOptions;
  readonly #connection: Connection;
  readonly #tabs = new Set<SharedTab>();
  readonly #edits = new SharedEdits();
  #state: ConnectionState = initialState;
  #up = false;
  #identity: Identity | null = null;
  #toldStatus: Status = "active";
  /** What the first page brought with it; good for one try. */
  #firstToken: string | null;

  constructor(options: SharedHostOptions, firstToken: string | null) {
    this.#options = options;
    this.#firstToken = firstToken;
    this.#connection = options.connect(({ reason }) => this.#token(reason), this);
  }

  get tabs(): number {
    return this.#tabs.size;
  }

  add(tab: SharedTab): void {
    this.#tabs.add(tab);
    if (this.#tabs.size === 1) this.#connection.start();
    tab.tell({ kind: "state", state: this.#state });
    if (this.#up) tab.tell({ kind: "up", identity: this.#identity });
    this.#tellStatus();
  }

  /** The page went: what nobody else takes part in ends. With the last one the connection says goodbye. */
  remove(tab: SharedTab): void {
    if (!this.#tabs.delete(tab)) return;
    if (this.#tabs.size === 0) return void this.#connection.stop();
    for (const { patientId, section } of this.#edits.release(tab)) this.#quietly("EndEdit", [patientId, section]);
    for (const topic of tab.topics) if (!this.#any((other) => other.topics.has(topic))) this.#quietly("Unsubscribe", [topic]);
    for (const patient of tab.charts) if (!this.#any((other) => other.charts.has(patient))) this.#quietly("CloseChart", [patient]);
    for (const thread of tab.typing.keys()) if (!this.#types(thread)) this.#quietly("StopTyping", [thread]);
    this.#tellStatus();
  }

  wake(online: boolean): void {
    this.#connection.wake(online);
  }

  networkLost(): void {
    this.#connection.networkLost();
  }

  async call(tab: SharedTab, method: string, args: readonly unknown[], background: boolean): Promise<unknown> {
    const invoke = (name: string, ownArgs = args) => this.#connection.invoke(name, ownArgs, background);
    const id = String(args[0]);
    switch (method) {
      case "Subscribe":
        return this.#entering(tab.topics, id, () => invoke(method));
      case "Unsubscribe":
        tab.topics.delete(id);
        return this.#any((other) => other.topics.has(id)) ? null : invoke(method);
      case "OpenChart":
        return this.#entering(tab.charts, id, () => invoke(method));
      case "CloseChart":
        tab.charts.delete(id);
        if (!this.#any((other) => other.charts.has(id))) {
          this.#edits.release(tab, id);
          return invoke(method);
        }
        for (const { patientId, section } of this.#edits.release(tab, id)) await invoke("EndEdit", [patientId, section]);
        return { viewers: [] };
      case "SetStatus":
        tab.status = args[0] as Status;
        this.#tellStatus();
        return null;
      case "StartTyping":
        tab.typing.set(id, Date.now());
        return invoke(method);
      case "StopTyping":
        tab.typing.delete(id);
        return this.#types(id) ? null : invoke(method);
      case "BeginEdit":
      case "TakeOverEdit":
      case "EndEdit":
        return this.#edits.call(tab, method, id, String(args[1]), invoke);
      default:
        return invoke(method);
    }
  }

  state(state: ConnectionState): void {
    this.#state = state;
    this.#all({ kind: "state", state });
  }

  up(identity: Identity | null): void {
    this.#up = true;
    this.#identity = identity;
    this.#toldStatus = "active";
    this.#tellStatus();
    this.#all({ kind: "up", identity });
  }

  down(): void {
    this.#up = false;
    this.#edits.clear();
    for (const tab of this.#tabs) tab.forget();
    this.#all({ kind: "down" });
  }

  events(events: readonly ClinicEvent[]): void {
    for (const { type, topic, data } of events) {
      // What was ended by a call is known already, and may be held by another page since.
      if (type !== "edit:ended" || data.reason === "ended" || data.user !== this.#identity?.user) continue;
      this.#edits.ended(topic.slice("patient:".length), data.section);
    }
    for (const tab of this.#tabs) {
      const own = events.filter(({ topic }) => tab.topics.has(topic));
      if (own.length > 0) tab.tell({ kind: "events", events: own });
    }
  }

  presence(diff: WirePresenceDiff): void {
    for (const tab of this.#tabs) if (tab.topics.has(diff.topic)) tab.tell({ kind: "presence", diff });
  }

  signals(signals: readonly Signal[]): void {
    for (const tab of this.#tabs) {
      const own = signals.filter(({ topic }) => tab.topics.has(topic));
      if (own.length > 0) tab.tell({ kind: "signals", signals: own });
    }
  }

  reset(topic: string, reason: string | null): void {
    for (const tab of this.#tabs) {
      if (reason !== null) this.#edits.release(tab, topic.slice("patient:".length));
      if (tab.topics.delete(topic)) tab.tell({ kind: "reset", topic, reason });
    }
  }

  /** Counts from before the answer, because what arrives first is the page's too. */
  async #entering(set: Set<string>, id: string, invoke: () => Promise<unknown>): Promise<unknown> {
    const there = set.has(id);
    set.add(id);
    try {
      return await invoke();
    } catch (error) {
      if (!there) set.delete(id);
      throw error;
    }
  }

  /** From one of the pages, the last that came first. */
  async #token(reason: TokenReason): Promise<string | null> {
    const first = this.#firstToken;
    this.#firstToken = null;
    if (first !== null && reason === "connect") return first;
    let failure: unknown = null;
    for (const tab of [...this.#tabs].reverse()) {
      try {
        const token = await tab.token(reason, this.#options.timeoutMs / 2);
        if (token === null) continue;
        const identity = identityOf(token);
        if (this.#options.key === null || (identity && identityKey(identity) === this.#options.key)) return token;
        this.#options.onMoved(tab);
      } catch (error) {
        failure = error;
      }
    }
    if (failure) throw failure;
    return null;
  }

  #tellStatus(): void {
    const status = statuses.find((one) => this.#any((tab) => tab.status === one)) ?? "active";
    if (!this.#up || status === this.#toldStatus) return;
    this.#toldStatus = status;
    this.#quietly("SetStatus", [status]);
  }

  #types(thread: string): boolean {
    const since = Date.now() - typingMs;
    return this.#any((tab) => (tab.typing.get(thread) ?? 0) > since);
  }

  #any(holds: (tab: SharedTab) => boolean): boolean {
    for (const tab of this.#tabs) if (holds(tab)) return true;
    return false;
  }

  #all(message: ToPage): void {
    for (const tab of this.#tabs) tab.tell(message);
  }

  /** Nobody waits for it. What the connection's end kept from being undone, the end undid; a refusal says that there is nothing to undo. */
  #quietly(method: string, args: readonly unknown[]): void {
    this.#connection.invoke(method, args, true).catch(() => undefined);
  }
}
