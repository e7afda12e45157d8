import { Badge, Button, Card, Group, Stack, Text } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { PriorityBadge } from "../notifications/priorities";
import { usePatientName } from "../patients/usePatientName";
import { useColleagues } from "../people/staff";
import { momentInWords } from "../schedule/day";
import type { Order } from "../server/records";
import { request } from "../server/request";
import { Loaded } from "../shell/Loaded";
import { PageHead } from "../shell/PageHead";
import { useIsWaiting, useWrite } from "../writes/useWrite";
import { onWritten } from "../writes/writes";
import { WaitsBadge } from "../writes/WaitingWrites";

const statuses: Readonly<Record<Order["status"], string>> = { new: "New", in_progress: "In progress", completed: "Completed", cancelled: "Cancelled" };
const following: Readonly<Record<string, readonly Order["status"][]>> = { new: ["in_progress", "cancelled"], in_progress: ["completed", "cancelled"] };

const actions: Readonly<Record<Order["status"], string>> = { new: "Open again", in_progress: "Start", completed: "Complete", cancelled: "Cancel the order" };

const orderQuery = (id: string) =>
  queryOptions({ queryKey: ["orders", id], staleTime: 0, queryFn: ({ signal }) => request<Order>(`/api/orders/${encodeURIComponent(id)}`, { signal }) });

onWritten<Order>("order", (queries, order) => queries.setQueryData(orderQuery(order.id).queryKey, order));

/** Where a notification about an order leads. */
export function OrderPage() {
  const { orderId } = useParams({ from: "/orders/$orderId" });
  const { nameOf } = useColleagues();
  const patientName = usePatientName();
  const query = useQuery(orderQuery(orderId));
  const write = useWrite();
  const waiting = useIsWaiting(orderId);
  return (
    <>
      <PageHead title="Order" />
      <Loaded query={query}>
        {({ kind, details, priority, status, patientId, providerId, createdBy, createdAt }) => (
          <Card withBorder maw={620}>
            <Stack gap="sm">
              <Group gap="xs">
                <Text component="h2" fw={600}>{kind}</Text>
                <PriorityBadge priority={priority} />
                <Badge variant="default">{statuses[status]}</Badge>
                {waiting && <WaitsBadge />}
              </Group>
              <Text size="sm">{details}</Text>
              <Text size="sm" c="dimmed">
                For {patientName(patientId)}, to {nameOf(providerId)}, from {nameOf(createdBy)}, {momentInWords(createdAt)}
              </Text>
              <Group gap="xs">
                {(following[status] ?? []).map((next) => (
                  <Button
                    key={next}
                    size="sm"
                    variant={next === "cancelled" ? "default" : "filled"}
                    disabled={waiting}
                    onClick={() => {
                      write({
                        method: "PATCH", path: `/api/orders/${encodeURIComponent(orderId)}/status`, body: { status: next },
                        kind: "order", subject: orderId, label: `Order ${kind}: ${statuses[next]}`,
                      }).catch(() => undefined);
                    }}
                  >
                    {actions[next]}
                  </Button>
                ))}
              </Group>
            </Stack>
          </Card>
        )}
      </Loaded>
    </>
  );
}
