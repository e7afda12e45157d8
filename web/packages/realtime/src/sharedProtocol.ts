import type { Backoff } from "./backoff.js";
import type { TokenReason } from "./connection.js";
import type { ErrorCode } from "./errors.js";
import type { ClinicEvent, Signal } from "./events.js";
import type { WirePresenceDiff } from "./presence.js";
import type { ConnectionState } from "./state.js";
import type { Identity } from "./token.js";

/**
 * Rises with every change of these messages or of what they mean, and with it the worker's name in `shared.ts`. Where the worker's address has no hash of its build, a
 * page that was open before a deployment and one of after it have each a worker of their own; where they meet all the same, the page has a connection of its own.
 */
export const sharedVersion = 2;

/** What a page and the shared worker tell each other. */
export type ToWorker =
  /** `lock` is held by the page for as long as it lives. `token` decides whose connection it shares; without one it has its own. */
  | {
      readonly kind: "hello";
      readonly version: number;
      readonly lock: string;
      readonly hubUrl: string;
      readonly token: string | null;
      readonly timeoutMs: number;
      readonly backoff: Backoff;
      readonly callsPerSecond: number;
    }
  | { readonly kind: "call"; readonly id: number; readonly method: string; readonly args: readonly unknown[]; readonly background: boolean }
  | { readonly kind: "token"; readonly id: number; readonly token: string | null; readonly failed: boolean }
  | { readonly kind: "wake"; readonly online: boolean }
  | { readonly kind: "networkLost" }
  | { readonly kind: "bye" };

export type ToPage =
  /** `lock` is held by the worker for as long as it lives. */
  | { readonly kind: "welcome"; readonly version: number; readonly lock: string }
  | { readonly kind: "state"; readonly state: ConnectionState }
  | { readonly kind: "up"; readonly identity: Identity | null }
  | { readonly kind: "down" }
  | { readonly kind: "events"; readonly events: readonly ClinicEvent[] }
  | { readonly kind: "presence"; readonly diff: WirePresenceDiff }
  | { readonly kind: "signals"; readonly signals: readonly Signal[] }
  | { readonly kind: "reset"; readonly topic: string; readonly reason: string | null }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly code: ErrorCode; readonly message: string; readonly field: string | null; readonly causeCode: string | null }
  | { readonly kind: "token"; readonly id: number; readonly reason: TokenReason }
  /** The page's token is of somebody else now: it says hello again. */
  | { readonly kind: "moved" };

/** A port as this package needs it. */
export interface Port<Out, In> {
  postMessage(message: Out): void;
  onmessage: ((event: { readonly data: In }) => void) | null;
  close(): void;
}

/** What this package needs of Web Locks. */
export interface Locks {
  request(name: string, options: { signal?: AbortSignal }, held: () => Promise<void> | void): Promise<unknown>;
}
