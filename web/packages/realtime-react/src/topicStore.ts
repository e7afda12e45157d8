import { unknownPresence, type PresenceSnapshot, type RealtimeClient, type Subscription, type TopicListener, type TopicState } from "@clinic/realtime";

/** A topic as a component sees it. */
export interface TopicView {
  readonly state: TopicState;
  readonly presence: PresenceSnapshot;
}

const waiting: TopicState = Object.freeze({ status: "waiting", error: null });
export const unknownTopic: TopicView = Object.freeze({ state: waiting, presence: unknownPresence });

/**
 * A topic that is subscribed while somebody subscribes to this store. Made during render, where it touches nothing, so that a render that is thrown away
 * leaves nothing behind.
 */
export class TopicStore {
  readonly #client: RealtimeClient;
  readonly #topic: string;
  readonly #listener: () => TopicListener;
  #subscription: Subscription | null = null;
  #view: TopicView = unknownTopic;

  constructor(client: RealtimeClient, topic: string, listener: () => TopicListener) {
    this.#client = client;
    this.#topic = topic;
    this.#listener = listener;
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    const subscription = this.#client.subscribe(this.#topic, {
      onEvent: (event) => this.#listener().onEvent?.(event),
      onReset: (reset) => this.#listener().onReset?.(reset),
      onPresence: (change) => this.#listener().onPresence?.(change),
      onSignal: (signal) => this.#listener().onSignal?.(signal),
      onChange: () => {
        changed();
        this.#listener().onChange?.();
      },
    });
    this.#subscription = subscription;
    return () => {
      subscription.close();
      if (this.#subscription !== subscription) return;
      this.#subscription = null;
      // What is hidden and shown again may be somebody else's by then.
      this.#view = unknownTopic;
    };
  };

  readonly view = (): TopicView => {
    const subscription = this.#subscription;
    if (!subscription) return this.#view;
    const { state, presence } = subscription;
    if (this.#view.state !== state || this.#view.presence !== presence) this.#view = { state, presence };
    return this.#view;
  };
}
