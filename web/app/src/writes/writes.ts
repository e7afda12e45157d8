import type { QueryClient } from "@tanstack/react-query";
import { notifications } from "@mantine/notifications";
import { explain, Problem } from "../server/problem";
import { request } from "../server/request";

/** A change that is sent once: at once, or when there is a connection again. */
export interface Write {
  /** The `Idempotency-Key`: however often it has to be sent, it counts once. */
  readonly key: string;
  readonly method: "POST" | "PATCH" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What it does, in words for the list of what waits. */
  readonly label: string;
  /** What it changes, such as `task`: says what its answer does to the cache. */
  readonly kind: string;
  /** The record's id, so that its own place on the screen can say that a change waits. */
  readonly subject?: string;
}

export const writeKey = ["write"] as const;

type Settle = (queries: QueryClient, answer: unknown, write: Write) => void;

type Refused = (error: unknown, write: Write) => void;

const refusals = new Map<string, Refused>();

/** What is told when a write of a kind is refused, in the place of a toast. */
export function onRefused(kind: string, tell: Refused): void {
  refusals.set(kind, tell);
}

/** Says in a toast that a write was refused; it stays until it is closed, since what was meant to be is not. */
export const tellRefused: Refused = (error, write) => {
  notifications.show({ color: "red", title: `Not done: ${write.label}`, message: explain(error), autoClose: false });
};

const settlers = new Map<string, Settle>();

/** What the answers to writes of a kind do to the cache. A capability says it once, where it is defined. */
export function onWritten<T>(kind: string, settle: (queries: QueryClient, answer: T, write: Write) => void): void {
  settlers.set(kind, settle as Settle);
}

/** One after the other, in the order in which they were made; what can't be reached is waited for, what is refused is told and given up. */
export function setWriteDefaults(queries: QueryClient): void {
  queries.setMutationDefaults([...writeKey], {
    scope: { id: "writes" },
    networkMode: "online",
    // For those that are done; one that waits is kept whatever this says.
    gcTime: 60_000,
    mutationFn: (write: Write) =>
      request(write.path, { method: write.method, body: write.body, headers: { ...write.headers, "Idempotency-Key": write.key } }),
    retry: (_failures, error) => error instanceof Problem && error.passing,
    retryDelay: (failures, error) => Math.max(error instanceof Problem ? error.retryAfterMs : 0, Math.min(5_000, 250 * 2 ** failures)),
    onSuccess: (answer: unknown, write: Write) => settlers.get(write.kind)?.(queries, answer, write),
    onError: (error: unknown, write: Write) => (refusals.get(write.kind) ?? tellRefused)(error, write),
  });
}
