import { useConnectionStatus, useRealtime } from "@clinic/realtime-react";
import { onlineManager } from "@tanstack/react-query";
import { useEffect } from "react";
import { reachability } from "../server/reachability";

/** Lets requests know what the live connection learns of the server first, and the other way round. */
export function ConnectionTold() {
  const client = useRealtime();
  const { status } = useConnectionStatus();
  useEffect(() => {
    if (status === "connected") reachability.answered();
    else if (status === "reconnecting") reachability.doubt();
  }, [status]);
  useEffect(
    () =>
      onlineManager.subscribe((online) => {
        if (online) client.wake();
      }),
    [client],
  );
  return null;
}
