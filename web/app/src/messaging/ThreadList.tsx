import { Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Face } from "../people/Face";
import { useColleagues } from "../people/staff";
import { momentInWords } from "../schedule/day";
import { useMe } from "../session/useSession";
import { NavBadge } from "../shell/NavBadge";
import classes from "./MessagingPage.module.css";
import { namesInWords } from "./names";
import type { Thread } from "./threads";

export function ThreadList({ threads }: { threads: readonly Thread[] }) {
  return (
    <nav className={classes.threads} aria-label="Threads">
      {threads.map((thread) => <ThreadLink key={thread.id} thread={thread} />)}
    </nav>
  );
}

function ThreadLink({ thread: { id, subject, participants, unread, lastActivityAt } }: { thread: Thread }) {
  const me = useMe();
  const { nameOf } = useColleagues();
  const others = participants.filter((user) => user !== me.user);
  const shown = others[0] ?? me.user;
  return (
    <Link to="/messages/$threadId" params={{ threadId: id }} className={classes.thread ?? ""} data-thread={id}>
      <Face user={shown} name={nameOf(shown)} size={36} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Group justify="space-between" gap="xs" wrap="nowrap">
          <Text size="sm" fw={unread > 0 ? 700 : 500} truncate>{subject}</Text>
          <NavBadge badge={{ count: unread, of: "unread" }} />
        </Group>
        <Text size="xs" c="dimmed" truncate>{others.length === 0 ? "Only you" : namesInWords(others.map(nameOf), 3)}</Text>
        <Text size="xs" c="dimmed"><time dateTime={lastActivityAt}>{momentInWords(lastActivityAt)}</time></Text>
      </div>
    </Link>
  );
}
