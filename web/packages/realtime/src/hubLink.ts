/** Calls of the server, by name. */
export type HubMethod = "events" | "presence" | "signals" | "reset" | "closing";

/** One SignalR connection, used once: started, then closed for ever. The seam at which tests put a transport of their own. */
export interface HubLink {
  /** Rejects with a {@link LinkError} that says what kind of failure it was. */
  start(): Promise<void>;
  /** Says goodbye. Never rejects. */
  stop(): Promise<void>;
  invoke(method: string, args: readonly unknown[]): Promise<unknown>;
  on(method: HubMethod, handler: (argument: unknown) => void): void;
  onClose(handler: () => void): void;
}

export interface HubLinkRequest {
  /** The hub's address, with `?tenant=` when the page says which clinic it believes to be in. */
  readonly url: string;
  readonly token: string;
}

export type HubLinkFactory = (request: HubLinkRequest) => HubLink;

export class LinkError extends Error {
  constructor(
    readonly kind: "unauthenticated" | "forbidden" | "unreachable",
    message: string,
    readonly retryAfterMs: number = 0,
  ) {
    super(message);
    this.name = "LinkError";
  }
}
