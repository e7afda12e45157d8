import { useTopicQueries } from "@clinic/realtime-react/query";
import { threadTopic } from "@clinic/realtime";
import { Alert, Group, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useMemo } from "react";
import { useMe } from "../session/useSession";
import { Loaded } from "../shell/Loaded";
import { Composer } from "./Composer";
import { MessageLog } from "./MessageLog";
import { addMessage, messageRead, messagesKey, messagesQuery } from "./messages";
import classes from "./MessagingPage.module.css";
import type { Thread } from "./threads";
import { TypingLine } from "./TypingLine";
import { useMarkRead } from "./useMarkRead";
import { WhoIsHere } from "./WhoIsHere";

/** A thread: who is here, what was said, who types, and where one writes. */
export function ThreadView({ threadId, thread }: { threadId: string; thread: Thread | undefined }) {
  const me = useMe();
  const query = useInfiniteQuery(messagesQuery(threadId));
  const topic = useTopicQueries(threadTopic(threadId), {
    keys: [messagesKey(threadId)],
    on: {
      "message:new": (queries, event) => addMessage(queries, event.data),
      "message:read": (queries, event) => messageRead(queries, event.data),
    },
  });
  const { data } = query;
  const messages = useMemo(() => data?.pages.flatMap(({ items }) => items).reverse() ?? [], [data]);
  useMarkRead(messages, me.user);
  const subject = thread?.subject ?? "Thread";
  return (
    <section className={classes.room} aria-label={subject}>
      <header className={classes.head}>
        <Group gap="xs" wrap="nowrap">
          <Link to="/messages" className={classes.back ?? ""} aria-label="All threads"><ArrowLeft aria-hidden size={20} /></Link>
          <Text component="h2" fw={600} truncate>{subject}</Text>
        </Group>
        {topic.status !== "refused" && <WhoIsHere threadId={threadId} participants={thread?.participants ?? []} />}
      </header>
      {topic.status === "refused" ? (
        <Alert role="alert" color="red" variant="outline" m="md" title="This thread can’t be shown">There is no such thread, or you do not take part in it.</Alert>
      ) : (
        <>
          <Loaded query={query}>
            {() => (
              <MessageLog
                threadId={threadId}
                messages={messages}
                participants={thread?.participants ?? []}
                earlier={query.hasNextPage ? () => void query.fetchNextPage() : null}
                loading={query.isFetchingNextPage}
              />
            )}
          </Loaded>
          <TypingLine threadId={threadId} />
          <Composer threadId={threadId} subject={subject} after={messages[messages.length - 1]?.sequence ?? 0} />
        </>
      )}
    </section>
  );
}
