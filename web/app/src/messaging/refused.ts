import type { QueryClient } from "@tanstack/react-query";
import { explain } from "../server/problem";
import { onRefused, tellRefused, type Write } from "../writes/writes";
import { isMessageWrite, type MessageWrite } from "./unsent";

/** A message that the server did not take, and why. The user decides what becomes of it. */
export interface RefusedMessage {
  readonly write: MessageWrite;
  readonly why: string;
}

const storageKey = "clinic.refused-messages";

/** Messages that were refused, kept over a reload of the window until they are sent or removed, or the user signs out. */
class RefusedMessages {
  #all: readonly RefusedMessage[] = read();
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  };

  readonly all = (): readonly RefusedMessage[] => this.#all;

  /** Takes what fails from now on. */
  watch(queries: QueryClient): () => void {
    this.#become(read());
    return queries.getMutationCache().subscribe((change) => {
      if (change.type !== "updated" || change.action.type !== "error") return;
      const write = change.mutation.state.variables as Write | undefined;
      if (isMessageWrite(write)) this.#become([...this.#all.filter((one) => one.write.key !== write.key), { write, why: explain(change.action.error) }]);
    });
  }

  remove(key: string): void {
    this.#become(this.#all.filter(({ write }) => write.key !== key));
  }

  #become(all: readonly RefusedMessage[]): void {
    this.#all = all;
    if (all.length === 0) sessionStorage.removeItem(storageKey);
    else sessionStorage.setItem(storageKey, JSON.stringify(all));
    for (const tell of this.#listeners) tell();
  }
}

function read(): readonly RefusedMessage[] {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? "[]") as RefusedMessage[];
  } catch {
    return []; // Not what this version wrote.
  }
}

export const refusedMessages = new RefusedMessages();

// The thread says it by itself, where it is on show.
onRefused("message", (error, write) => {
  if (location.pathname !== `/messages/${encodeURIComponent(write.subject ?? "")}`) tellRefused(error, write);
});
