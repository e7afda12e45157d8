import { ConnectionStatusIndicator } from "@clinic/realtime-react";
import classes from "./Layout.module.css";

const why = {
  no_network: "no network",
  shutdown: "the server restarts",
  token_expired: "your sign-in ended",
  no_token: "no sign-in",
  refused: "your sign-in was refused",
  forbidden: "another clinic's sign-in",
} as const;

/** Whether what is on the screen is live. */
export function Indicator() {
  return (
    <ConnectionStatusIndicator
      className={classes.indicator ?? ""}
      words={{ unauthorized: "Not live" }}
      describe={({ reason }) => (reason && reason in why ? why[reason as keyof typeof why] : null)}
    />
  );
}
