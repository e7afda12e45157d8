import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Notification } from "./notifications";

const words: Readonly<Record<string, string>> = { tasks: "Open task", orders: "Open order", patients: "Open chart" };

/** Leads to what a notification is about; nothing where that is no page of this application. */
export function NotificationLink({ notification: { link, title } }: { notification: Pick<Notification, "link" | "title"> }) {
  const word = words[/^\/([^/]+)\//.exec(link)?.[1] ?? ""];
  if (!word) return null;
  return (
    <Button component={Link} to={link} size="xs" variant="default" aria-label={`${word}: ${title}`}>{word}</Button>
  );
}
