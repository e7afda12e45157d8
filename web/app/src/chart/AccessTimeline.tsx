import { Badge, Group, Text, Timeline } from "@mantine/core";
import { ShieldAlert } from "lucide-react";
import { Face } from "../people/Face";
import { clockTime, momentInWords } from "../schedule/day";
import { endings, type Access } from "./accessLog";

/** Each stretch in words, the newest opening first. */
export function AccessTimeline({ items }: { items: readonly Access[] }) {
  return (
    <Timeline bulletSize={30} lineWidth={2} aria-label="Access log">
      {items.map(({ user, name, reason, openedAt, closedAt, closedBy, breakGlass }) => (
        <Timeline.Item key={`${user} ${openedAt}`} bullet={<Face user={user} name={name} size={28} />} data-access={user}>
          <Group gap="xs">
            <Text size="sm" fw={600}>{name}</Text>
            {!closedAt && <Badge variant="outline" color="green" c="var(--mantine-color-text)" size="sm">Open now</Badge>}
            {breakGlass && <Badge variant="outline" color="orange" c="var(--mantine-color-text)" size="sm" leftSection={<ShieldAlert aria-hidden size={12} />}>restricted, with a reason</Badge>}
          </Group>
          <Text size="sm">
            <time dateTime={openedAt}>{momentInWords(openedAt)}</time>
            {closedAt && <> to <time dateTime={closedAt}>{clockTime(closedAt)}</time>, {lasted(openedAt, closedAt)}</>}
            {closedBy && closedBy !== "user" && <Text span c="dimmed" size="sm"> ({endings[closedBy] ?? closedBy})</Text>}
          </Text>
          {reason && <Text size="sm" c="dimmed">“{reason}”</Text>}
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

function lasted(from: string, to: string): string {
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
