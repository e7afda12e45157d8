import { Button, Group } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import classes from "./MessagingPage.module.css";
import { refusedMessages, type RefusedMessage } from "./refused";
import { useSendMessage } from "./useSendMessage";

/** One's own message that the server did not take: why, and what to do with it. */
export function RefusedItem({ refused }: { refused: RefusedMessage }) {
  const { retry } = useSendMessage();
  const { write, why } = refused;
  return (
    <div className={classes.message} data-mine data-first data-refused>
      <div className={classes.said}>
        <div className={classes.bubble}>{write.body.body}</div>
        <div className={classes.foot} role="alert">
          <CircleAlert aria-hidden size={13} />
          Not sent: {why}
        </div>
        <Group gap="xs" justify="flex-end" mt={4}>
          <Button size="compact-xs" onClick={() => retry(refused)}>Try again</Button>
          <Button size="compact-xs" variant="default" onClick={() => refusedMessages.remove(write.key)}>Remove</Button>
        </Group>
      </div>
    </div>
  );
}
