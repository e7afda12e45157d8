import type { Message } from "@clinic/realtime";
import { Text } from "@mantine/core";
import { Check, CheckCheck } from "lucide-react";
import { Face } from "../people/Face";
import { useColleagues } from "../people/staff";
import { clockTime } from "../schedule/day";
import classes from "./MessagingPage.module.css";
import { namesInWords } from "./names";

export interface MessageItemProps {
  readonly message: Message;
  /** Whether somebody else, or nobody, spoke before. */
  readonly first: boolean;
  /** Whether what comes next is by somebody else, much later, or read by others. */
  readonly last: boolean;
  readonly mine: boolean;
  readonly participants: readonly string[];
}

/** What somebody said; under one's own, who has read it. */
export function MessageItem({ message: { id, author, authorName, body, sentAt, readBy }, first, last, mine, participants }: MessageItemProps) {
  return (
    <div className={classes.message} data-message={id} data-mine={mine || undefined} data-first={first || undefined}>
      {!mine && <div className={classes.face}>{first && <Face user={author} name={authorName} size={28} />}</div>}
      <div className={classes.said}>
        {first && !mine && <Text size="xs" fw={600} mb={2}>{authorName}</Text>}
        <div className={classes.bubble}>{body}</div>
        {last && (
          <div className={classes.foot}>
            <time dateTime={sentAt}>{clockTime(sentAt)}</time>
            {mine && <Receipt readers={readBy.map(({ user }) => user)} all={participants.length - 1} />}
          </div>
        )}
      </div>
    </div>
  );
}

function Receipt({ readers, all }: { readers: readonly string[]; all: number }) {
  const { nameOf } = useColleagues();
  const Icon = readers.length === 0 ? Check : CheckCheck;
  return (
    <span data-read-by={readers.length} style={{ display: "inline-flex", alignItems: "center", gap: 4 }}>
      <Icon aria-hidden size={13} />
      {readers.length === 0 ? "Sent" : all > 1 && readers.length >= all ? "Read by all" : `Read by ${namesInWords(readers.map(nameOf), 3)}`}
    </span>
  );
}
