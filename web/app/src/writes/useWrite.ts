import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { onlineManager } from "@tanstack/react-query";
import { writeKey, type Write } from "./writes";

export type NewWrite = Omit<Write, "key">;

/** Sends a change, or keeps it until there is a connection. `settled` resolves with the answer, and rejects with a `Problem` that was told already. */
export function useWrite(): (write: NewWrite) => Promise<unknown> {
  const { mutateAsync } = useMutation<unknown, Error, Write>({ mutationKey: [...writeKey] });
  return useCallback((write) => mutateAsync({ ...write, key: crypto.randomUUID() }), [mutateAsync]);
}

/** Whether requests have a chance at the moment. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    (changed) => onlineManager.subscribe(changed),
    () => onlineManager.isOnline(),
    () => true,
  );
}

export interface WaitingWrite extends Write {
  readonly since: number;
}

/** The changes that wait for the connection, oldest first. One that is just being sent is none. */
export function useWaitingWrites(): readonly WaitingWrite[] {
  const queries = useQueryClient();
  const online = useOnline();
  const waiting = useMutationState(
    {
      filters: { mutationKey: [...writeKey], status: "pending" },
      select: ({ state }) => ({ ...(state.variables as Write), since: state.submittedAt, failed: state.failureCount > 0 }),
    },
    queries,
  );
  return online ? (waiting.some(({ failed }) => failed) ? waiting : none) : waiting;
}

const none: readonly WaitingWrite[] = [];

/** Whether a record has a change that waits. */
export function useIsWaiting(subject: string): boolean {
  return useWaitingWrites().some((write) => write.subject === subject);
}

/** The records that have a change that waits: for lists, whose items need not look themselves. */
export function useWaitingSubjects(): ReadonlySet<string> {
  const waiting = useWaitingWrites();
  return useMemo(() => new Set(waiting.flatMap(({ subject }) => subject ?? [])), [waiting]);
}
