import { useTypingIndicator } from "@clinic/realtime-react";
import { ActionIcon, Textarea } from "@mantine/core";
import { SendHorizontal } from "lucide-react";
import classes from "./MessagingPage.module.css";
import { useDraft } from "./useDraft";
import { useSendMessage } from "./useSendMessage";
import { useOnline } from "../writes/useWrite";

const mostLetters = 8_000;

export interface ComposerProps {
  readonly threadId: string;
  readonly subject: string;
  /** The count of the last message that is known. */
  readonly after: number;
}

/** Where one writes: Enter sends, Shift and Enter makes a line. */
export function Composer({ threadId, subject, after }: ComposerProps) {
  const [draft, setDraft] = useDraft(threadId);
  const { keystroke, stop } = useTypingIndicator(threadId);
  const { send } = useSendMessage();
  const online = useOnline();
  const sendDraft = () => {
    const body = draft.trim();
    if (body === "") return;
    stop();
    send(threadId, subject, body, after);
    setDraft("");
  };
  return (
    <form
      className={classes.compose}
      onSubmit={(event) => {
        event.preventDefault();
        sendDraft();
      }}
    >
      <Textarea
        aria-label={`Message in ${subject}`}
        placeholder={online ? "Write a message" : "Write a message; it is sent when there is a connection"}
        style={{ flex: 1 }}
        autosize
        minRows={1}
        maxRows={6}
        maxLength={mostLetters}
        value={draft}
        onChange={(event) => {
          const text = event.currentTarget.value;
          setDraft(text);
          if (text === "") stop();
          else keystroke();
        }}
        onBlur={stop}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          sendDraft();
        }}
      />
      <ActionIcon type="submit" size={36} aria-label="Send" disabled={draft.trim() === ""}>
        <SendHorizontal aria-hidden size={18} />
      </ActionIcon>
    </form>
  );
}
