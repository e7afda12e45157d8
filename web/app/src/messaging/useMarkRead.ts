import type { Message } from "@clinic/realtime";
import { useConnectionStatus, useRealtime } from "@clinic/realtime-react";
import { useDocumentVisibility } from "@mantine/hooks";
import { useEffect, useState } from "react";

/** Marks what is on show as read, while the window is seen. What could not be told is told with the next connection. */
export function useMarkRead(messages: readonly Message[], me: string): void {
  const client = useRealtime();
  const { status } = useConnectionStatus();
  const visible = useDocumentVisibility() === "visible";
  const [asked] = useState(() => new Set<string>());
  useEffect(() => {
    if (!visible || status !== "connected") return;
    for (const { id, author, readBy } of messages) {
      if (author === me || asked.has(id) || readBy.some(({ user }) => user === me)) continue;
      asked.add(id);
      client.markRead(id).catch(() => asked.delete(id));
    }
  }, [messages, me, visible, status, client, asked]);
}
