import type { Message } from "@clinic/realtime";
import { Button, Center, Text } from "@mantine/core";
import { Fragment, useLayoutEffect, useRef } from "react";
import { dayInWords, dayOf } from "../schedule/day";
import { useMe } from "../session/useSession";
import { MessageItem } from "./MessageItem";
import classes from "./MessagingPage.module.css";
import { RefusedItem } from "./RefusedItem";
import { notArrived } from "./unsent";
import { UnsentItem } from "./UnsentItem";
import { useRefused, useUnsent } from "./useSendMessage";

export interface MessageLogProps {
  readonly threadId: string;
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly participants: readonly string[];
  /** Loads those before; null when there are none. */
  readonly earlier: (() => void) | null;
  readonly loading: boolean;
}

const nearEnd = 48;
const togetherMs = 5 * 60_000;

/** Whether something other than the body has to be said before the next one. */
function isAnother(message: Message, after: Message): boolean {
  return after.author !== message.author || after.readBy.length !== message.readBy.length || Date.parse(after.sentAt) - Date.parse(message.sentAt) > togetherMs;
}

/** What was said, day by day, then what this user said and is not sent yet. It stays at its end until one scrolls up. */
export function MessageLog({ threadId, messages, participants, earlier, loading }: MessageLogProps) {
  const me = useMe();
  const unsent = notArrived(useUnsent(threadId), messages, me.user);
  const refused = useRefused(threadId);
  const { place, onScroll } = useScroll(messages, unsent.length + refused.length);
  return (
    <div ref={place} className={classes.log} onScroll={onScroll} role="log" aria-label="Messages" tabIndex={0}>
      {earlier && (
        <Center>
          <Button size="xs" variant="default" loading={loading} onClick={earlier}>Earlier messages</Button>
        </Center>
      )}
      {messages.length + unsent.length + refused.length === 0 && <Text size="sm" c="dimmed" ta="center">Nothing was said yet.</Text>}
      {messages.map((message, index) => {
        const before = messages[index - 1];
        const day = dayOf(new Date(message.sentAt));
        const after = messages[index + 1];
        const newDay = !before || dayOf(new Date(before.sentAt)) !== day;
        return (
          <Fragment key={message.id}>
            {newDay && <div className={classes.day}>{dayInWords(day)}</div>}
            <MessageItem message={message} first={newDay || before.author !== message.author} last={!after || isAnother(message, after)} mine={message.author === me.user} participants={participants} />
          </Fragment>
        );
      })}
      {refused.map((one) => <RefusedItem key={one.write.key} refused={one} />)}
      {unsent.map(({ write, waits }) => <UnsentItem key={write.key} body={write.body.body} waits={waits} />)}
    </div>
  );
}

/** At the end one stays at the end; further up one stays at what one reads, whatever is added above or below. */
function useScroll(messages: readonly Message[], own: number) {
  const place = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const first = useRef<{ id: string | undefined; height: number }>({ id: undefined, height: 0 });
  const firstId = messages[0]?.id;
  useLayoutEffect(() => {
    const log = place.current;
    if (!log) return;
    if (atEnd.current) log.scrollTop = log.scrollHeight;
    else if (first.current.id !== firstId) log.scrollTop += log.scrollHeight - first.current.height;
    first.current = { id: firstId, height: log.scrollHeight };
  }, [messages, firstId, own]);
  useLayoutEffect(() => {
    // What is said oneself is looked at.
    if (own > 0 && place.current) place.current.scrollTop = place.current.scrollHeight;
  }, [own]);
  useLayoutEffect(() => {
    const log = place.current;
    if (!log) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) log.scrollTop = log.scrollHeight;
    });
    observer.observe(log);
    return () => observer.disconnect();
  }, []);
  const onScroll = () => {
    const log = place.current;
    if (log) atEnd.current = log.scrollHeight - log.scrollTop - log.clientHeight < nearEnd;
  };
  return { place, onScroll };
}
