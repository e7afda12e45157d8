import type { Message } from "@clinic/realtime";
import type { Write } from "../writes/writes";

/** A message on its way: a write that knows what the thread looked like when it was made. */
export interface MessageWrite extends Write {
  readonly kind: "message";
  readonly subject: string;
  readonly body: { readonly body: string };
  /** The count of the last message that was known then: what was sent has a higher one. */
  readonly after: number;
}

export function isMessageWrite(write: Write | undefined): write is MessageWrite {
  return write?.kind === "message";
}

/**
 * Those that have not arrived in the thread yet. An event may tell of a message before the answer to the request does, and a request whose answer was lost is made
 * again: either way it is shown once. They are sent one after the other, so that the first of the same words is the first to arrive.
 */
export function notArrived<T extends { readonly write: MessageWrite }>(unsent: readonly T[], messages: readonly Message[], me: string): readonly T[] {
  const arrived = messages.filter(({ author }) => author === me).sort((a, b) => a.sequence - b.sequence);
  const claimed = new Set<string>();
  return unsent.filter(({ write }) => {
    const match = arrived.find(({ id, sequence, body }) => sequence > write.after && body === write.body.body && !claimed.has(id));
    if (match) claimed.add(match.id);
    return !match;
  });
}
