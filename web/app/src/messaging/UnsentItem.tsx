import { Clock, CloudUpload } from "lucide-react";
import classes from "./MessagingPage.module.css";

/** One's own message that is not in the thread yet. */
export function UnsentItem({ body, waits }: { body: string; waits: boolean }) {
  const Icon = waits ? CloudUpload : Clock;
  return (
    <div className={classes.message} data-mine data-first data-unsent={waits ? "waits" : "sending"}>
      <div className={classes.said}>
        <div className={classes.bubble}>{body}</div>
        <div className={classes.foot}>
          <Icon aria-hidden size={13} />
          {waits ? "Waits for the connection" : "Sending"}
        </div>
      </div>
    </div>
  );
}
