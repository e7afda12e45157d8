import { useCallback } from "react";
import { useWrite } from "../writes/useWrite";
import type { Notification } from "./notifications";

/** Acknowledges, now or when there is a connection. What goes wrong is told by the write itself. */
export function useAcknowledge(): (notification: Pick<Notification, "id" | "title">) => void {
  const write = useWrite();
  return useCallback(
    ({ id, title }) => {
      write({
        method: "POST",
        path: `/api/notifications/${encodeURIComponent(id)}/ack`,
        kind: "notification",
        subject: id,
        label: `Acknowledge “${title}”`,
      }).catch(() => undefined);
    },
    [write],
  );
}
