import { useCallback, useState } from "react";

const keyOf = (threadId: string) => `clinic.draft.${threadId}`;

/** What was typed and not sent: kept over a reload and a look at another page, until the user signs out. */
export function useDraft(threadId: string): readonly [string, (text: string) => void] {
  const [draft, show] = useState(() => sessionStorage.getItem(keyOf(threadId)) ?? "");
  const change = useCallback(
    (text: string) => {
      show(text);
      if (text === "") sessionStorage.removeItem(keyOf(threadId));
      else sessionStorage.setItem(keyOf(threadId), text);
    },
    [threadId],
  );
  return [draft, change];
}
