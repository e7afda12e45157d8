import { useTopicQueries } from "@clinic/realtime-react/query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { refusedMessages } from "./refused";
import { threadsKey, unreadChanged } from "./threads";

/** Keeps the user's threads and what is unread in them true, and what was refused from getting lost, whatever page is open. */
export function MessagingLive() {
  const queries = useQueryClient();
  useEffect(() => refusedMessages.watch(queries), [queries]);
  useTopicQueries("user", {
    keys: [threadsKey],
    on: { "unread:changed": (to, event) => unreadChanged(to, event.data, event.time) },
  });
  return null;
}
