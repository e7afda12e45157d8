import type { ClinicEvent, Signal } from "./events.js";
import type { WirePresenceDiff } from "./presence.js";
import { unknownPresence } from "./presenceSet.js";
import { TopicFeed, type TopicFeedOptions } from "./topicFeed.js";
import type { Subscription, TopicListener, TopicState } from "./topicListener.js";

export interface TopicFeedsOptions extends TopicFeedOptions {
  readonly unsubscribe: (topic: string) => Promise<unknown>;
  /** How long a topic without listeners is kept: a screen that changes often asks for it again at once. */
  readonly lingerMs: number;
}

const closed: TopicState = Object.freeze({ status: "waiting", error: null });

/** The topics somebody listens to, each subscribed once however many listen. */
export class TopicFeeds {
  readonly #options: TopicFeedsOptions;
  readonly #feeds = new Map<string, TopicFeed>();
  readonly #lingering = new Map<string, ReturnType<typeof setTimeout>>();
  #connected = false;

  constructor(options: TopicFeedsOptions) {
    this.#options = options;
  }

  /** How many topics are kept, and how many listeners in all. */
  get size(): { topics: number; listeners: number } {
    let listeners = 0;
    for (const feed of this.#feeds.values()) listeners += feed.listeners;
    return { topics: this.#feeds.size, listeners };
  }

  subscribe(topic: string, listener: TopicListener): Subscription {
    const feed = this.#feedOf(topic);
    // Two subscriptions with one listener object are two.
    const own: TopicListener = {
      onEvent: (event) => listener.onEvent?.(event),
      onReset: (reset) => listener.onReset?.(reset),
      onPresence: (change) => listener.onPresence?.(change),
      onSignal: (signal) => listener.onSignal?.(signal),
      onChange: () => listener.onChange?.(),
    };
    feed.add(own);
    let open = true;
    return {
      topic,
      get state() {
        return open ? feed.state : closed;
      },
      get presence() {
        return open ? feed.presence : unknownPresence;
      },
      close: () => {
        if (!open) return;
        open = false;
        feed.remove(own);
        if (feed.listeners === 0) this.#linger(feed);
      },
    };
  }

  find(topic: string): TopicFeed | undefined {
    return this.#feeds.get(topic);
  }

  up(sameIdentity: boolean): void {
    this.#connected = true;
    for (const feed of [...this.#feeds.values()]) {
      // Nobody waits for it any more: the new connection need not know of it.
      if (feed.listeners === 0) this.#forget(feed);
      else feed.up(sameIdentity);
    }
  }

  down(): void {
    this.#connected = false;
    for (const feed of [...this.#feeds.values()]) feed.down();
  }

  signedOut(): void {
    for (const feed of this.#feeds.values()) feed.signedOut();
  }

  events(events: readonly ClinicEvent[]): void {
    for (const event of events) this.#feeds.get(event.topic)?.event(event);
  }

  presence(diff: WirePresenceDiff): void {
    this.#feeds.get(diff.topic)?.diff(diff);
  }

  signals(signals: readonly Signal[]): void {
    for (const signal of signals) this.#feeds.get(signal.topic)?.signal(signal);
  }

  reset(topic: string): void {
    this.#feeds.get(topic)?.reset();
  }

  #feedOf(topic: string): TopicFeed {
    clearTimeout(this.#lingering.get(topic));
    this.#lingering.delete(topic);
    const known = this.#feeds.get(topic);
    if (known) return known;
    const feed = new TopicFeed(topic, this.#options);
    this.#feeds.set(topic, feed);
    if (this.#connected) feed.up(true);
    return feed;
  }

  #linger(feed: TopicFeed): void {
    clearTimeout(this.#lingering.get(feed.topic));
    this.#lingering.set(feed.topic, setTimeout(() => this.#leave(feed), this.#options.lingerMs));
  }

  #leave(feed: TopicFeed): void {
    const refused = feed.state.status === "refused";
    this.#forget(feed);
    if (!this.#connected || refused) return;
    this.#options.unsubscribe(feed.topic).catch((error: unknown) => {
      // With the connection the subscription is gone too; anything else is worth knowing.
      if (this.#connected && !this.#feeds.has(feed.topic)) this.#options.report(error);
    });
  }

  #forget(feed: TopicFeed): void {
    clearTimeout(this.#lingering.get(feed.topic));
    this.#lingering.delete(feed.topic);
    this.#feeds.delete(feed.topic);
    feed.close();
  }
}
