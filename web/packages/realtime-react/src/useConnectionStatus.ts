import { useCallback, useSyncExternalStore } from "react";
import { initialState, type ConnectionState } from "@clinic/realtime";
import { useRealtime } from "./context.js";

const onServer = () => initialState;

/** The connection as it is; renders again with each change. */
export function useConnectionStatus(): ConnectionState {
  const client = useRealtime();
  // The same with each render: another would be a subscription anew.
  const subscribe = useCallback((changed: () => void) => client.onState(changed), [client]);
  return useSyncExternalStore(subscribe, () => client.state, onServer);
}
