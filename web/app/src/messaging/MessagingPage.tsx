import { Button, Center, Text, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { MessageSquarePlus } from "lucide-react";
import { useRef, useState } from "react";
import { Loaded } from "../shell/Loaded";
import { PageHead } from "../shell/PageHead";
import classes from "./MessagingPage.module.css";
import { NewThread } from "./NewThread";
import { ThreadList } from "./ThreadList";
import { threadsQuery } from "./threads";
import { ThreadView } from "./ThreadView";
import { useRestOfWindow } from "./useRestOfWindow";

/** The user's threads, and the one in the address. */
export function MessagingPage() {
  const { threadId } = useParams({ strict: false });
  const [making, setMaking] = useState(false);
  const query = useQuery(threadsQuery);
  // There the room is for what is said.
  const small = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false }) && threadId !== undefined;
  return (
    <>
      {small ? (
        <VisuallyHidden><PageHead title="Messages" /></VisuallyHidden>
      ) : (
        <PageHead title="Messages">
          <Button leftSection={<MessageSquarePlus aria-hidden size={16} />} onClick={() => setMaking(true)}>New thread</Button>
        </PageHead>
      )}
      <NewThread opened={making} onClose={() => setMaking(false)} />
      <Loaded query={query}>
        {({ items }) => (
          <Frame chosen={threadId !== undefined}>
            <ThreadList threads={items} />
            {threadId === undefined ? (
              <Center className={classes.room ?? ""} p="xl">
                <Text c="dimmed" ta="center">{items.length === 0 ? "You take part in no thread yet." : "Choose a thread to read and write."}</Text>
              </Center>
            ) : (
              <ThreadView key={threadId} threadId={threadId} thread={items.find(({ id }) => id === threadId)} />
            )}
          </Frame>
        )}
      </Loaded>
    </>
  );
}

function Frame({ chosen, children }: { chosen: boolean; children: React.ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const height = useRestOfWindow(place);
  return (
    <div ref={place} className={classes.frame} style={{ height }} data-chosen={chosen || undefined}>
      {children}
    </div>
  );
}
