import { useSyncExternalStore } from "react";
import { initialState, type ConnectionState } from "@clinic/realtime";
import { useRealtime } from "./context.js";

const onServer = () => initialState;

/** The connection as it is; renders again with each change. */
export function useConnectionStatus(): ConnectionState {
  const client = useRealtime();
  return useSyncExternalStore(
    (changed) => client.onState(changed),
    () => client.state,
    onServer,
  );
}
