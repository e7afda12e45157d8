import { HttpTransportType, HubConnectionBuilder, LogLevel, type HubConnection, type IHubProtocol } from "@microsoft/signalr";
import { LinkError, type HubLink, type HubLinkFactory, type HubMethod } from "./hubLink.js";

const probeTimeoutMs = 5_000;

/** The server pings every 10 s; two missing pings and a half are a dead connection. */
const serverTimeoutMs = 25_000;

/**
 * A WebSocket without negotiation: one round trip less, and several hosts need no sticky sessions. A browser does not say why a WebSocket was refused, so that a
 * failed start asks the hub by HTTP.
 */
export function signalrLinks(protocol?: IHubProtocol): HubLinkFactory {
  return ({ url, token }) => new SignalrLink(url, token, protocol);
}

class SignalrLink implements HubLink {
  readonly #url: string;
  readonly #token: string;
  readonly #connection: HubConnection;

  constructor(url: string, token: string, protocol: IHubProtocol | undefined) {
    this.#url = url;
    this.#token = token;
    const builder = new HubConnectionBuilder()
      .withUrl(url, { accessTokenFactory: () => token, transport: HttpTransportType.WebSockets, skipNegotiation: true })
      .configureLogging(LogLevel.None);
    if (protocol) builder.withHubProtocol(protocol);
    this.#connection = builder.build();
    this.#connection.serverTimeoutInMilliseconds = serverTimeoutMs;
  }

  async start(): Promise<void> {
    try {
      await this.#connection.start();
    } catch (error) {
      throw await this.#whyRefused(error);
    }
  }

  async stop(): Promise<void> {
    try {
      await this.#connection.stop();
    } catch {
      // It was on its way down already, which is all that is asked.
    }
  }

  invoke(method: string, args: readonly unknown[]): Promise<unknown> {
    return this.#connection.invoke(method, ...args);
  }

  on(method: HubMethod, handler: (argument: unknown) => void): void {
    this.#connection.on(method, handler);
  }

  onClose(handler: () => void): void {
    this.#connection.onclose(handler);
  }

  async #whyRefused(error: unknown): Promise<LinkError> {
    const [path, query] = this.#url.split("?");
    const text = error instanceof Error ? error.message : String(error);
    try {
      const answer = await fetch(`${path}/negotiate?negotiateVersion=1${query ? `&${query}` : ""}`, {
        method: "POST",
        headers: { authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.timeout(probeTimeoutMs),
      });
      if (answer.status === 401) return new LinkError("unauthenticated", "the server refuses the token");
      if (answer.status === 403) return new LinkError("forbidden", "the token is not for this clinic");
      return new LinkError("unreachable", text, (Number(answer.headers.get("retry-after")) || 0) * 1000);
    } catch {
      return new LinkError("unreachable", text);
    }
  }
}
