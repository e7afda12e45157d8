import { useQuery } from "@tanstack/react-query";
import type { Badge } from "../shell/NavBadge";
import { threadsQuery } from "./threads";

/** How many messages the user has not read. */
export function useMessageBadge(): Badge | null {
  const { data } = useQuery(threadsQuery);
  const count = data?.items.reduce((sum, { unread }) => sum + unread, 0) ?? 0;
  return count === 0 ? null : { count, of: "unread" };
}
