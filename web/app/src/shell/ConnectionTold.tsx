import { useConnectionStatus } from "@clinic/realtime-react";
import { useEffect } from "react";
import { reachability } from "../server/reachability";

/** Lets requests know what the live connection learns of the server first. */
export function ConnectionTold() {
  const { status } = useConnectionStatus();
  useEffect(() => {
    if (status === "connected") reachability.answered();
    else if (status === "reconnecting") reachability.doubt();
  }, [status]);
  return null;
}
