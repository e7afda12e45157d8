import type { Connection, ConnectionSink, TokenReason } from "./connection.js";
import { RealtimeError } from "./errors.js";
import type { ClinicEvent, Signal } from "./events.js";
import { firstAnswer } from "./firstAnswer.js";
import { isOnline } from "./pageEvents.js";
import type { Status, WirePresenceDiff } from "./presence.js";
import { SharedEdits } from "./sharedEdits.js";
import type { ToPage } from "./sharedProtocol.js";
import type { SharedTab } from "./sharedTab.js";
import { initialState, type ConnectionState } from "./state.js";
import { identityKey, identityOf, type Identity } from "./token.js";
import { patientOf } from "./topics.js";

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
/** How long one page may think of a token before the next is asked too; less when there are many, so that all are asked within a quarter of the time. */
const patienceMs = 500;
/** Refusals that leave the connection's own subscription as it was. */
const untouched = ["rate_limited", "invalid", "offline", "interrupted", "stopped"];

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
    // Somebody opened a page: they should not wait for the next try.
    else if (!this.#up) this.#connection.wake(isOnline());
    tab.tell({ kind: "state", state: this.#state });
    if (this.#up) tab.tell({ kind: "up", identity: this.#identity });
    this.#tellStatus();
  }

  /** The page went: what nobody else takes part in ends. With the last one the connection says goodbye. */
  remove(tab: SharedTab): void {
    if (!this.#tabs.delete(tab)) return;
    const [topics, charts, threads] = [tab.topics.ids, tab.charts.ids, [...tab.typing.keys()]];
    tab.gone();
    if (this.#tabs.size === 0) return void this.#connection.stop();
    this.#endEdits(tab);
    for (const topic of topics) if (!this.#any((other) => other.topics.has(topic))) this.#quietly("Unsubscribe", [topic]);
    for (const patient of charts) if (!this.#any((other) => other.charts.has(patient))) this.#quietly("CloseChart", [patient]);
    for (const thread of threads) if (!this.#types(thread)) this.#quietly("StopTyping", [thread]);
    this.#tellStatus();
  }

  wake(online: boolean): void {
    this.#connection.wake(online);
  }

  networkLost(): void {
    this.#connection.networkLost();
  }

  async call(tab: SharedTab, method: string, args: readonly unknown[], background: boolean): Promise<unknown> {
    // What a page said before it died can arrive after its end.
    if (!this.#tabs.has(tab)) throw new RealtimeError("stopped", "the page is gone");
    const invoke = (name: string) => this.#connection.invoke(name, args, background);
    const id = String(args[0]);
    switch (method) {
      case "Subscribe":
        return this.#subscribe(tab, id, () => invoke(method));
      case "Unsubscribe":
        tab.topics.leave(id);
        return this.#any((other) => other.topics.has(id)) ? null : invoke(method);
      case "OpenChart":
        return this.#open(tab, id, () => invoke(method));
      case "CloseChart":
        tab.charts.leave(id);
        if (this.#any((other) => other.charts.has(id))) {
          this.#endEdits(tab, id);
          return { viewers: [] };
        }
        this.#edits.release(tab, id);
        return invoke(method);
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
        // The server opens a chart that is not open for it.
        return this.#open(tab, id, () => this.#edits.call(tab, method, id, String(args[1]), invoke));
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
      const patientId = patientOf(topic);
      // Backends publish events too, with data of any shape. What was ended by a call is known already, and may be held by another page since.
      if (type !== "edit:ended" || patientId === null || !data || data.reason === "ended" || data.user !== this.#identity?.user) continue;
      this.#edits.ended(patientId, data.section);
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
    // With a reason the server took the chart and its edits too, also from pages that only have it open.
    const taken = reason === null ? null : patientOf(topic);
    for (const tab of this.#tabs) {
      if (taken !== null) this.#edits.release(tab, taken);
      const followed = tab.topics.leave(topic);
      const open = taken !== null && tab.charts.leave(taken);
      if (followed || open) tab.tell({ kind: "reset", topic, reason });
    }
  }

  async #subscribe(tab: SharedTab, topic: string, ask: () => Promise<unknown>): Promise<unknown> {
    try {
      return await tab.topics.enter(topic, ask);
    } catch (thrown) {
      // A chart that can't be followed now is not followed by the connection any more: pages that did ask for themselves.
      if (this.#up && patientOf(topic) !== null && !untouched.includes(RealtimeError.from(thrown).code)) {
        for (const other of this.#tabs) {
          if (other.topics.isLive(topic) && other.topics.leave(topic) && other !== tab) other.tell({ kind: "reset", topic, reason: null });
        }
      }
      throw thrown;
    }
  }

  async #open(tab: SharedTab, patientId: string, ask: () => Promise<unknown>): Promise<unknown> {
    const wasOpen = tab.charts.isLive(patientId);
    try {
      return await tab.charts.enter(patientId, ask);
    } catch (thrown) {
      // What the user may not see any more no page has open.
      if (wasOpen && ["forbidden", "not_found"].includes(RealtimeError.from(thrown).code) && tab.charts.leave(patientId)) {
        this.#endEdits(tab, patientId);
        if (!this.#any((other) => other.charts.has(patientId))) this.#quietly("CloseChart", [patientId]);
      }
      throw thrown;
    }
  }

  #endEdits(tab: SharedTab, ofPatient?: string): void {
    for (const { patientId, section } of this.#edits.release(tab, ofPatient)) this.#quietly("EndEdit", [patientId, section]);
  }

  /** From one of the pages: those that can be seen first, and the last that came before others. One that sleeps holds up nobody. */
  async #token(reason: TokenReason): Promise<string | null> {
    const first = this.#firstToken;
    this.#firstToken = null;
    if (first !== null && reason === "connect") return first;
    const tabs = [...this.#tabs].reverse().sort((a, b) => Number(a.status === "hidden") - Number(b.status === "hidden"));
    const patience = Math.min(patienceMs, this.#options.timeoutMs / 4 / Math.max(1, tabs.length));
    return firstAnswer(tabs.map((tab) => () => this.#tokenOf(tab, reason)), patience);
  }

  async #tokenOf(tab: SharedTab, reason: TokenReason): Promise<string | null> {
    const token = await tab.token(reason, this.#options.timeoutMs);
    if (token === null) return null;
    const identity = identityOf(token);
    if (this.#options.key === null || (identity && identityKey(identity) === this.#options.key)) return token;
    if (this.#tabs.has(tab)) this.#options.onMoved(tab);
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
