import { Button, Card, Group, Text } from "@mantine/core";
import { Check, ClipboardList, FlaskConical, Info, ListChecks, type LucideIcon } from "lucide-react";
import { useColleagues } from "../people/staff";
import { momentInWords } from "../schedule/day";
import { useIsWaiting } from "../writes/useWrite";
import { WaitsBadge } from "../writes/WaitingWrites";
import { EscalationHistory } from "./EscalationHistory";
import { NotificationLink } from "./NotificationLink";
import type { Notification } from "./notifications";
import { PriorityBadge } from "./priorities";
import { useAcknowledge } from "./useAcknowledge";

const kinds: Readonly<Record<string, { icon: LucideIcon; word: string }>> = {
  task_assigned: { icon: ListChecks, word: "Task" },
  lab_result_ready: { icon: FlaskConical, word: "Result" },
  order_new: { icon: ClipboardList, word: "Order" },
  order_urgent: { icon: ClipboardList, word: "Order" },
};
const otherKind = { icon: Info, word: "Notice" };

export function NotificationCard({ notification }: { notification: Notification }) {
  const { id, kind, priority, title, body, createdAt, acknowledgedAt, acknowledgedBy, requiresAck } = notification;
  const { nameOf } = useColleagues();
  const acknowledge = useAcknowledge();
  const waiting = useIsWaiting(id);
  const { icon: Icon, word } = kinds[kind] ?? otherKind;
  return (
    <Card component="li" withBorder padding="sm" data-notification={id}>
      <Group align="flex-start" gap="sm" wrap="nowrap">
        <Icon aria-label={word} size={20} strokeWidth={1.8} style={{ flex: "none", marginTop: 2 }} />
        <div style={{ flex: 1, minWidth: 0 }}>
          <Group gap="xs">
            <Text component="h2" size="sm" fw={600}>{title}</Text>
            <PriorityBadge priority={priority} />
          </Group>
          <Text size="sm">{body}</Text>
          <Text size="xs" c="dimmed" mt={2}>
            <time dateTime={createdAt}>{momentInWords(createdAt)}</time>
            {acknowledgedAt && `, acknowledged by ${nameOf(acknowledgedBy ?? "")} ${momentInWords(acknowledgedAt)}`}
          </Text>
          {requiresAck && <EscalationHistory id={id} />}
          <Group gap="xs" mt="xs">
            {!acknowledgedAt && !waiting && (
              <Button size="xs" leftSection={<Check aria-hidden size={14} />} onClick={() => acknowledge(notification)} aria-label={`Acknowledge: ${title}`}>
                Acknowledge
              </Button>
            )}
            {waiting && <WaitsBadge />}
            <NotificationLink notification={notification} />
          </Group>
        </div>
      </Group>
    </Card>
  );
}
