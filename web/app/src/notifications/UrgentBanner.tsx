import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { Siren } from "lucide-react";
import { useIsWaiting } from "../writes/useWrite";
import { openQuery, staysUntilAcknowledged, type Notification } from "./notifications";
import { NotificationLink } from "./NotificationLink";
import { PriorityBadge } from "./priorities";
import { useAcknowledge } from "./useAcknowledge";

/** What is urgent stands above every page until it is acknowledged, in whichever window; on the notifications' own page it is the first of the list. */
export function UrgentBanner() {
  const { data } = useQuery(openQuery);
  const urgent = data?.items.filter(staysUntilAcknowledged) ?? [];
  const mostShown = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false }) ? 1 : 2;
  const there = useLocation({ select: ({ pathname }) => pathname === "/notifications" });
  if (urgent.length === 0 || there) return null;
  return (
    <Stack component="section" aria-label="Urgent" gap="xs" mb="md">
      {urgent.slice(0, mostShown).map((one) => (
        <UrgentItem key={one.id} notification={one} />
      ))}
      {urgent.length > mostShown && <Text size="sm" fw={500}>and {urgent.length - mostShown} more under Notifications</Text>}
    </Stack>
  );
}

function UrgentItem({ notification }: { notification: Notification }) {
  const acknowledge = useAcknowledge();
  const waiting = useIsWaiting(notification.id);
  return (
    <Alert role="alert" color="red" variant="outline" icon={<Siren aria-hidden />} p="sm" bg="var(--mantine-color-body)" data-urgent={notification.id}>
      <Group justify="space-between" gap="sm">
        <div style={{ flex: "1 1 220px", minWidth: 0 }}>
          <Group gap="xs">
            <Text size="sm" fw={600}>{notification.title}</Text>
            <PriorityBadge priority={notification.priority} />
          </Group>
          <Text size="sm">{notification.body}</Text>
        </div>
        <Group gap="xs">
          <NotificationLink notification={notification} />
          <Button size="xs" color="red.8" disabled={waiting} onClick={() => acknowledge(notification)}>
            {waiting ? "Waits for the connection" : "Acknowledge"}
          </Button>
        </Group>
      </Group>
    </Alert>
  );
}
