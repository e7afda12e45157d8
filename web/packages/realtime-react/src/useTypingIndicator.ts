import { useEffect, useMemo } from "react";
import type { PresenceEntry } from "@clinic/realtime";
import { useRealtime } from "./context.js";
import { useThreadRoom } from "./useThreadRoom.js";

export interface TypingIndicator {
  /** The others who type at the moment. */
  readonly typing: readonly PresenceEntry[];
  /** With each change of the text; calls the server at most once in three seconds. */
  readonly keystroke: () => void;
  /** The text was sent, emptied or left. A pause and unmounting do it too. */
  readonly stop: () => void;
}

/** Who types in a thread, and this user's own typing; null is no thread. */
export function useTypingIndicator(threadId: string | null): TypingIndicator {
  const client = useRealtime();
  const { typing } = useThreadRoom(threadId);
  const session = useMemo(() => (threadId === null ? null : client.typing(threadId)), [client, threadId]);
  useEffect(() => () => session?.stop(), [session]);
  return useMemo(() => ({ typing, keystroke: () => session?.keystroke(), stop: () => session?.stop() }), [typing, session]);
}
