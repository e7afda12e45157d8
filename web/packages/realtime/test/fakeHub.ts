// A hub in memory, at the seam where SignalR's connection would be: topics with a log and presence, links that can be cut.
import type { ClinicEvent, HubLink, HubLinkFactory, HubMethod, LinkError, PresenceEntry } from "../src/index.js";

interface FakeTopic {
  epoch: string;
  log: ClinicEvent[];
  presence: { epoch: string; version: number; entries: PresenceEntry[] };
}

export interface Call {
  readonly link: FakeLink;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly at: number;
}

type Answer = (args: readonly unknown[], link: FakeLink) => unknown;

export class FakeHub {
  readonly links: FakeLink[] = [];
  readonly calls: Call[] = [];
  /** What a method answers instead of what it would; throwing refuses, a promise delays. */
  readonly answers = new Map<string, Answer>();
  /** What a start fails with; null lets it through. */
  refusal: LinkError | null = null;
  /** A start that is answered by nobody. */
  silent = false;
  readonly #topics = new Map<string, FakeTopic>();

  readonly factory: HubLinkFactory = ({ url, token }) => {
    const link = new FakeLink(this, url, token);
    this.links.push(link);
    return link;
  };

  /** The link that is up; fails when there is not exactly one. */
  get link(): FakeLink {
    const up = this.links.filter((link) => link.up);
    if (up.length !== 1 || !up[0]) throw new Error(`${up.length} links are up`);
    return up[0];
  }

  named(method: string): Call[] {
    return this.calls.filter((call) => call.method === method);
  }

  topic(name: string): FakeTopic {
    let topic = this.#topics.get(name);
    if (!topic) this.#topics.set(name, (topic = { epoch: "e1", log: [], presence: { epoch: "p1", version: 0, entries: [] } }));
    return topic;
  }

  /** Stores an event and sends it to who is subscribed; `lost` only stores it. */
  publish(name: string, data: unknown, { type = "vitals:updated", lost = false, by }: { type?: string; lost?: boolean; by?: string } = {}): ClinicEvent {
    const topic = this.topic(name);
    const offset = topic.log.length + 1;
    const event = { topic: name, type, id: `${name}-${offset}`, epoch: topic.epoch, offset, time: new Date(0).toISOString(), data, ...(by && { by }) } as unknown as ClinicEvent;
    topic.log.push(event);
    if (!lost) this.send(name, "events", [event]);
    return event;
  }

  /** Changes presence and tells it; `lost` only changes it. */
  present(name: string, change: { joins?: PresenceEntry[]; updates?: PresenceEntry[]; leaves?: string[] }, { lost = false } = {}): void {
    const { presence } = this.topic(name);
    const changed = [...(change.joins ?? []), ...(change.updates ?? [])];
    const gone = new Set([...changed.map(({ user }) => user), ...(change.leaves ?? [])]);
    presence.entries = [...presence.entries.filter(({ user }) => !gone.has(user)), ...changed];
    presence.version++;
    const diff = { topic: name, epoch: presence.epoch, version: presence.version, joins: [], updates: [], leaves: [], ...change };
    if (!lost) this.send(name, "presence", diff);
  }

  send(name: string, method: HubMethod, argument: unknown): void {
    for (const link of this.links) if (link.up && link.topics.has(name)) link.receive(method, argument);
  }

  answer(link: FakeLink, method: string, args: readonly unknown[]): unknown {
    const other = this.answers.get(method);
    if (other) return other(args, link);
    if (method === "Subscribe") return this.subscribe(link, String(args[0]), args[1] as { epoch: string; offset: number } | null);
    if (method === "Unsubscribe") link.topics.delete(String(args[0]));
    if (method === "OpenChart" || method === "CloseChart") return { viewers: [] };
    return null;
  }

  subscribe(link: FakeLink, name: string, since: { epoch: string; offset: number } | null): unknown {
    const { epoch, log, presence } = this.topic(name);
    link.topics.add(name);
    const recovered = since !== null && since.epoch === epoch && since.offset <= log.length;
    return structuredClone({ topic: name, epoch, offset: log.length, recovered, events: recovered ? log.slice(since.offset) : [], presence });
  }
}

export class FakeLink implements HubLink {
  readonly topics = new Set<string>();
  readonly startedAt = Date.now();
  up = false;
  goodbye = false;
  #handlers = new Map<HubMethod, (argument: unknown) => void>();
  #onClose: (() => void) | null = null;

  constructor(
    readonly hub: FakeHub,
    readonly url: string,
    readonly token: string,
  ) {}

  async start(): Promise<void> {
    if (this.hub.silent) return new Promise(() => undefined);
    if (this.hub.refusal) throw this.hub.refusal;
    this.up = true;
  }

  async stop(): Promise<void> {
    if (this.up) this.goodbye = true;
    this.up = false;
  }

  async invoke(method: string, args: readonly unknown[]): Promise<unknown> {
    if (!this.up) throw new Error("Cannot send data if the connection is not in the 'Connected' State.");
    this.hub.calls.push({ link: this, method, args, at: Date.now() });
    return this.hub.answer(this, method, args);
  }

  on(method: HubMethod, handler: (argument: unknown) => void): void {
    this.#handlers.set(method, handler);
  }

  onClose(handler: () => void): void {
    this.#onClose = handler;
  }

  receive(method: HubMethod, argument: unknown): void {
    this.#handlers.get(method)?.(structuredClone(argument));
  }

  /** The connection breaks. */
  cut(): void {
    this.up = false;
    this.#onClose?.();
  }
}

const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

export interface TokenClaims {
  user?: string;
  tenant?: string;
  roles?: string[];
  /** From now. */
  seconds?: number;
}

let made = 0;
export function makeToken({ user = "ann", tenant = "north", roles = ["nurse"], seconds = 43_200 }: TokenClaims = {}): string {
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: "none" })}.${part({ sub: user, tenant, name: user, roles, iat: now, exp: now + seconds, jti: ++made })}.x`;
}

export const entry = (user: string, more: Partial<PresenceEntry> = {}): PresenceEntry => ({
  user,
  name: user,
  role: "nurse",
  status: "active",
  connections: 1,
  since: "2026-01-01T08:00:00Z",
  ...more,
});

export const hubError = (text: string): Error => new Error(`An unexpected error occurred invoking a method on the server. HubException: ${text}`);
