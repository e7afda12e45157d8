import { useThreadRoom } from "@clinic/realtime-react";
import classes from "./MessagingPage.module.css";
import { namesInWords } from "./names";

/** Who types at the moment. Its place stays, so that nothing jumps. */
export function TypingLine({ threadId }: { threadId: string }) {
  const { typing } = useThreadRoom(threadId);
  return (
    <div className={classes.typing} role="status" data-typing={typing.length}>
      {typing.length > 0 && (
        <>
          <span className={classes.dots} aria-hidden><i /><i /><i /></span>
          <span>{namesInWords(typing.map(({ name }) => name), 3)} {typing.length === 1 ? "is" : "are"} typing</span>
        </>
      )}
    </div>
  );
}
