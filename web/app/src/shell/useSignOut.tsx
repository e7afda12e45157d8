import { Button, Group, List, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { session } from "../session/session";
import { useWaitingWrites } from "../writes/useWrite";
import { Dialog } from "./Dialog";

/** Signs out; asks first when that would lose what waits for the connection. The question is for the caller to place where it stays. */
export function useSignOut(): { signOut: () => void; question: ReactNode } {
  const waiting = useWaitingWrites();
  const [asking, setAsking] = useState(false);
  const one = waiting.length === 1;
  return {
    signOut: () => (waiting.length > 0 ? setAsking(true) : session.signOut()),
    question: (
      <Dialog opened={asking} onClose={() => setAsking(false)} title="Sign out without sending?">
        <Text size="sm">{one ? "This change waits for the connection, and is lost when you sign out:" : "These changes wait for the connection, and are lost when you sign out:"}</Text>
        <List size="sm" my="sm">{waiting.map(({ key, label }) => <List.Item key={key}>{label}</List.Item>)}</List>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={() => setAsking(false)}>Stay signed in</Button>
          <Button color="red.8" onClick={() => session.signOut()}>Sign out and lose {one ? "it" : "them"}</Button>
        </Group>
      </Dialog>
    ),
  };
}
