import type { ChartListener, ChartOptions, ChartSession } from "./chart.js";
import type { Connection } from "./connection.js";
import { DirectConnection } from "./directConnection.js";
import { RealtimeError } from "./errors.js";
import { OpenChart } from "./openChart.js";
import { checkOptions, hubUrl, type RealtimeOptions } from "./options.js";
import { isVisible, watchPage } from "./pageEvents.js";
import type { Status } from "./presence.js";
import { signalrLinks } from "./signalrLink.js";
import { initialState, type ConnectionState } from "./state.js";
import type { Identity } from "./token.js";
import { TopicFeeds } from "./topicFeeds.js";
import type { SubscribeAnswer } from "./topicFeed.js";
import type { Subscription, TopicListener } from "./topicListener.js";
import { patientOf, patientTopic } from "./topics.js";
import { Typing, type TypingSession } from "./typing.js";

/** For how long a client whose last holder went goes on: frameworks take holders away and put them back. */
const holdLingerMs = 100;

/**
 * A page's live connection to its clinic. Nothing happens, and no browser object is touched, until `start` or `hold`. Everything that is subscribed or opened
 * stays so over any number of connections, until it is closed.
 */
export class RealtimeClient {
  readonly #options: RealtimeOptions;
  readonly #timeoutMs: number;
  readonly #lingerMs: number;
  readonly #feeds: TopicFeeds;
  readonly #typing: Typing;
  readonly #charts = new Map<string, OpenChart>();
  readonly #closingCharts = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #stateListeners = new Set<() => void>();
  readonly #connectionWaits = new Set<() => void>();
  #connection: Connection | null = null;
  #state: ConnectionState = initialState;
  #identity: Identity | null = null;
  #everUp = false;
  #up = false;
  /** Counts connections, and those whose user is not the one before. */
  #connections = 0;
  #signIns = 0;
  #holds = 0;
  #letGo: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  #unwatch: (() => void) | null = null;
  #chosen: Status = "active";
  #visible = true;
  #told: Status = "active";
  /** Of the last connection made: what an earlier one still says is ignored. */
  #sinkOf: object | null = null;

  /** Throws a `RealtimeError` with code `invalid` that names the option in `field`. */
  constructor(options: RealtimeOptions) {
    checkOptions(options);
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? 15_000;
    this.#lingerMs = options.lingerMs ?? 300;
    const report = (error: unknown) => this.#report(error);
    this.#feeds = new TopicFeeds({
      subscribe: async (topic, since) => (await this.#now("Subscribe", [topic, since], true)) as SubscribeAnswer,
      unsubscribe: (topic) => this.#now("Unsubscribe", [topic], true),
      report,
      lingerMs: this.#lingerMs,
    });
    this.#typing = new Typing((method, threadId) => {
      if (!this.#up) return false;
      this.#now(method, [threadId]).catch((error: unknown) => this.#reportUnlessExpected(error));
      return true;
    });
  }

  /** The connection as it is now; a new object with each change. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** Who the connection's token is of, the last one's while it comes back; null before the first, and while nobody is signed in. */
  get identity(): Identity | null {
    return this.#state.status === "unauthorized" ? null : this.#identity;
  }

  /** What the client keeps at the moment, to see that nothing leaks. */
  get size(): { topics: number; listeners: number; charts: number; typing: number; stateListeners: number } {
    return { ...this.#feeds.size, charts: this.#charts.size, typing: this.#typing.size, stateListeners: this.#stateListeners.size };
  }

  /** Connects, and comes back whatever happens, until `stop`. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#connection ??= this.#connect();
    this.#visible = isVisible();
    this.#connection.start();
    this.#unwatch = watchPage({
      wake: (online) => this.#connection?.wake(online),
      networkLost: () => this.#connection?.networkLost(),
      visible: (visible) => {
        this.#visible = visible;
        this.#tellStatus();
      },
    });
  }

  /** Says goodbye: the user leaves every topic at once. What is subscribed and open comes back with the next `start`. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    this.#unwatch?.();
    this.#unwatch = null;
    const connection = this.#connection;
    this.#connection = null;
    for (const wait of [...this.#connectionWaits]) wait();
    await connection?.stop();
  }

  /** Starts the client until the last of its holders lets go, which the answer does. For components that come and go. */
  hold(): () => void {
    clearTimeout(this.#letGo);
    this.#holds++;
    this.start();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holds === 0) this.#letGo = setTimeout(() => void this.stop(), holdLingerMs);
    };
  }

  /** Tries to connect now, such as after a sign-in, or because a person asks for it. */
  wake(): void {
    this.#connection?.wake();
  }

  /** Tells when `state` changed. Answers how to stop listening. */
  onState(listener: () => void): () => void {
    const own = () => listener();
    this.#stateListeners.add(own);
    return () => void this.#stateListeners.delete(own);
  }

  /** Listens to a topic. Any number may; the server is asked once. */
  subscribe(topic: string, listener: TopicListener): Subscription {
    return this.#feeds.subscribe(topic, listener);
  }

  /** What colleagues see of this user; while no tab can be seen it is `hidden` instead. */
  setStatus(status: Exclude<Status, "hidden">): void {
    this.#chosen = status;
    this.#tellStatus();
  }

  /** A field in which the user may type to a thread. */
  typing(threadId: string): TypingSession {
    return this.#typing.session(threadId);
  }

  /** Opens a patient's chart. Any number of sessions may; the last to close closes it. */
  openChart(patientId: string, options: ChartOptions = {}, listener: ChartListener = {}): ChartSession {
    const chart = this.#chartOf(patientId, options.reason ?? null);
    const own: ChartListener = {
      onChange: () => listener.onChange?.(),
      onEditLost: (section, edit) => listener.onEditLost?.(section, edit),
    };
    chart.add(own);
    if (chart.state.status === "refused" && options.reason !== undefined) chart.reopen(options.reason).catch(() => undefined);
    const subscription = this.subscribe(patientTopic(patientId), {
      onEvent: (event) => chart.event(event),
      onReset: ({ reason }) => reason === "gap" && chart.recheck(),
      onChange: () => listener.onChange?.(),
    });
    let open = true;
    return {
      patientId,
      get state() {
        return chart.state;
      },
      get viewers() {
        return subscription.presence;
      },
      get opened() {
        return chart.opened();
      },
      reopen: (reason) => chart.reopen(reason),
      beginEdit: (section) => chart.edit("BeginEdit", section),
      takeOverEdit: (section) => chart.edit("TakeOverEdit", section),
      endEdit: (section) => chart.endEdit(section),
      close: () => {
        if (!open) return;
        open = false;
        chart.remove(own);
        subscription.close();
        if (chart.listeners === 0) this.#closeLater(chart);
      },
    };
  }

  /** Marks one message as read. Repeated by itself when a connection ends meanwhile. */
  async markRead(messageId: string): Promise<void> {
    await this.call("MarkRead", [messageId], { repeat: true });
  }

  /** Acknowledges a notification, in all windows and for all concerned. Repeated by itself when a connection ends meanwhile. */
  async acknowledgeNotification(notificationId: string): Promise<void> {
    await this.call("AcknowledgeNotification", [notificationId], { repeat: true });
  }

  /** Tells the topic's other connections something that is stored nowhere; at most 4 KB. It does not wait for a connection. */
  async signal(topic: string, name: string, data: unknown): Promise<void> {
    await this.#now("Signal", [topic, name, data ?? null]);
  }

  /**
   * Any call of the hub. Waits up to `timeoutMs` for a connection, then is refused with `offline`. When the connection ends before the answer it is refused
   * with `interrupted`, or, with `repeat`, made again: for calls that may be made twice. When somebody else signs in meanwhile it is not made in their name, but
   * refused with `stopped`.
   */
  call(method: string, args: readonly unknown[], { repeat = false }: { repeat?: boolean } = {}): Promise<unknown> {
    return this.#call(method, args, repeat, () => true);
  }

  async #call(method: string, args: readonly unknown[], repeat: boolean, wanted: () => boolean): Promise<unknown> {
    const until = Date.now() + this.#timeoutMs;
    const signIn = this.#signIns;
    for (;;) {
      await this.#connected(until);
      if (this.#signIns !== signIn || !wanted()) throw new RealtimeError("stopped", "it is not wanted any more");
      const connection = this.#connections;
      try {
        return await this.#now(method, args);
      } catch (error) {
        const ended = error instanceof RealtimeError && (error.code === "offline" || (repeat && error.code === "interrupted"));
        // A refusal nobody understands is no end of the connection: asking again at once would go on for as long as the call may.
        const goesOn = this.#up && this.#connections === connection;
        if (!ended || goesOn || Date.now() >= until) throw error;
      }
    }
  }

  #connect(): Connection {
    const { sharing, token, link, protocol, backoff, callsPerSecond = 40 } = this.#options;
    const request = {
      hubUrl: hubUrl(this.#options),
      token,
      timeoutMs: this.#timeoutMs,
      backoff: { baseMs: backoff?.baseMs ?? 500, maxMs: backoff?.maxMs ?? 20_000 },
      callsPerSecond,
    };
    const current = { alive: true };
    this.#sinkOf = current;
    const mine = <A extends unknown[]>(tell: (...args: A) => void) => (...args: A) => {
      // A stopped connection still says that it stopped; a later one's word counts for more.
      if (this.#sinkOf === current) tell(...args);
    };
    const sink = {
      state: mine((state: ConnectionState) => this.#show(state)),
      up: mine((identity: Identity | null) => this.#wentUp(identity)),
      down: mine(() => this.#wentDown()),
      events: mine(this.#feeds.events.bind(this.#feeds)),
      presence: mine(this.#feeds.presence.bind(this.#feeds)),
      signals: mine(this.#feeds.signals.bind(this.#feeds)),
      reset: mine((topic: string, reason: string | null) => {
        const chart = this.#charts.get(patientOf(topic) ?? "");
        if (reason === "expired" || reason === "restricted") chart?.revoke();
        else if (reason === null) chart?.recheck();
        this.#feeds.reset(topic);
      }),
    };
    const own = () => new DirectConnection({ ...request, url: request.hubUrl, link: link ?? signalrLinks(protocol) }, sink);
    return sharing?.(request, sink, own) ?? own();
  }

  #show(state: ConnectionState): void {
    const signedOut = state.status === "unauthorized" && this.#state.status !== "unauthorized";
    this.#state = state;
    if (signedOut) {
      this.#feeds.signedOut();
      for (const chart of this.#charts.values()) chart.signedOut();
    }
    for (const listener of [...this.#stateListeners]) {
      try {
        listener();
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #wentUp(identity: Identity | null): void {
    const before = this.#identity;
    const same = !this.#everUp || (before?.user === identity?.user && before?.tenant === identity?.tenant);
    this.#identity = identity;
    this.#everUp = true;
    this.#up = true;
    this.#connections++;
    if (!same) this.#signIns++;
    this.#tellStatus(true);
    this.#feeds.up(same);
    for (const chart of [...this.#charts.values()]) {
      if (chart.listeners === 0) this.#forget(chart);
      else chart.up(same);
    }
    for (const wait of [...this.#connectionWaits]) wait();
  }

  #wentDown(): void {
    this.#up = false;
    this.#typing.down();
    this.#feeds.down();
    for (const chart of this.#charts.values()) chart.down();
  }

  /** A new connection is active to the server; a worker remembers what it was told last. */
  #tellStatus(anew = false): void {
    const status = this.#visible ? this.#chosen : "hidden";
    const known = status === this.#told && (!anew || status === "active");
    if (!this.#up || known) return;
    this.#told = status;
    this.#now("SetStatus", [status]).catch((error: unknown) => this.#reportUnlessExpected(error));
  }

  #chartOf(patientId: string, reason: string | null): OpenChart {
    clearTimeout(this.#closingCharts.get(patientId));
    this.#closingCharts.delete(patientId);
    const known = this.#charts.get(patientId);
    if (known) return known;
    const chart = new OpenChart(patientId, reason, {
      call: (method, args, wanted) => (method === "OpenChart" ? this.#now(method, args) : this.#call(method, args, false, wanted)),
      user: () => this.#identity?.user ?? null,
      report: (error) => this.#report(error),
      onOpened: () => {
        const feed = this.#feeds.find(patientTopic(patientId));
        if (feed?.state.status === "refused") feed.join();
      },
    });
    this.#charts.set(patientId, chart);
    if (this.#up) chart.up(true);
    return chart;
  }

  #closeLater(chart: OpenChart): void {
    clearTimeout(this.#closingCharts.get(chart.patientId));
    this.#closingCharts.set(
      chart.patientId,
      setTimeout(() => {
        const tell = this.#forget(chart);
        if (tell && this.#up) this.#now("CloseChart", [chart.patientId]).catch((error: unknown) => this.#reportUnlessExpected(error));
      }, this.#lingerMs),
    );
  }

  #forget(chart: OpenChart): boolean {
    clearTimeout(this.#closingCharts.get(chart.patientId));
    this.#closingCharts.delete(chart.patientId);
    this.#charts.delete(chart.patientId);
    return chart.close();
  }

  #now(method: string, args: readonly unknown[], background = false): Promise<unknown> {
    return this.#connection?.invoke(method, args, background) ?? Promise.reject(new RealtimeError("stopped", "the client is stopped"));
  }

  #connected(until: number): Promise<void> {
    if (this.#up) return Promise.resolve();
    if (!this.#running) return Promise.reject(new RealtimeError("stopped", "the client is stopped"));
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        this.#connectionWaits.delete(done);
        if (this.#up && this.#running) resolve();
        else reject(this.#running ? new RealtimeError("offline", "there was no connection in time") : new RealtimeError("stopped", "the client was stopped"));
      };
      const timer = setTimeout(done, Math.max(0, until - Date.now()));
      this.#connectionWaits.add(done);
    });
  }

  #reportUnlessExpected(error: unknown): void {
    if (!(error instanceof RealtimeError) || !["offline", "interrupted", "stopped"].includes(error.code)) this.#report(error);
  }

  #report(error: unknown): void {
    const { onError } = this.#options;
    if (onError) onError(error);
    else if (typeof reportError === "function") reportError(error);
    else console.error(error);
  }
}

