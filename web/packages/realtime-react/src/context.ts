import { createContext, useContext } from "react";
import type { RealtimeClient } from "@clinic/realtime";

export const RealtimeContext = createContext<RealtimeClient | null>(null);

/** The client of the nearest `RealtimeProvider`. */
export function useRealtime(): RealtimeClient {
  const client = useContext(RealtimeContext);
  if (!client) throw new Error("This component is not inside a <RealtimeProvider>.");
  return client;
}
