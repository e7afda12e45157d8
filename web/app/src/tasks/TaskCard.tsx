import { Badge, Button, Card, Group, NativeSelect, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { Notification } from "../notifications/notifications";
import { PriorityBadge } from "../notifications/priorities";
import { useAcknowledge } from "../notifications/useAcknowledge";
import { Face } from "../people/Face";
import { useColleagues } from "../people/staff";
import { momentInWords } from "../schedule/day";
import type { Task } from "../server/records";
import { useIsWaiting, useWrite } from "../writes/useWrite";
import { WaitsBadge } from "../writes/WaitingWrites";
import { isOpen, taskStatuses } from "./tasks";
import classes from "./TaskCard.module.css";

/** A task with what can be done to it. Doing something takes note of it. */
export function TaskCard({ task, notification, sought }: { task: Task; notification: Notification | undefined; sought: boolean }) {
  const { list, nameOf } = useColleagues();
  const write = useWrite();
  const acknowledge = useAcknowledge();
  const waiting = useIsWaiting(task.id);
  const place = useRef<HTMLLIElement>(null);

  useEffect(() => {
    if (sought) place.current?.scrollIntoView({ block: "center" });
  }, [sought]);

  const change = (body: Partial<Pick<Task, "assignedTo" | "status">>, label: string) => {
    if (notification) acknowledge(notification);
    write({ method: "PATCH", path: `/api/tasks/${encodeURIComponent(task.id)}`, body, kind: "task", subject: task.id, label }).catch(() => undefined);
  };

  return (
    <Card component="li" ref={place} withBorder padding="sm" className={classes.card ?? ""} data-task={task.id} data-sought={sought || undefined}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ flex: "1 1 260px", minWidth: 0 }}>
          <Group gap="xs">
            <Text component="h2" size="sm" fw={600} {...(!isOpen(task) && { td: "line-through" })}>{task.title}</Text>
            <PriorityBadge priority={task.priority} />
            {notification && <Badge color="cyan.9">New</Badge>}
            {waiting && <WaitsBadge />}
          </Group>
          <Group gap={6} mt={6} className={classes.facts ?? ""}>
            {task.assignedTo ? (
              <>
                <Face user={task.assignedTo} name={nameOf(task.assignedTo)} size={22} />
                <Text size="xs" c="dimmed">{nameOf(task.assignedTo)}</Text>
              </>
            ) : (
              <Text size="xs" c="dimmed">Nobody does it yet</Text>
            )}
            {task.dueAt && <Text size="xs" c="dimmed">due <time dateTime={task.dueAt}>{momentInWords(task.dueAt)}</time></Text>}
            <Text size="xs" c="dimmed">{taskStatuses[task.status]}</Text>
          </Group>
        </div>
        <Group gap="xs" align="flex-end">
          <NativeSelect
            aria-label={`Assign “${task.title}” to`}
            size="xs"
            w={170}
            value={task.assignedTo ?? ""}
            onChange={(event) => {
              const assignedTo = event.currentTarget.value;
              change({ assignedTo }, `Assign “${task.title}” to ${nameOf(assignedTo)}`);
            }}
          >
            {!task.assignedTo && <option value="">Assign to…</option>}
            {task.assignedTo && !list.some(({ user }) => user === task.assignedTo) && <option value={task.assignedTo}>{task.assignedTo}</option>}
            {list.map(({ user, name }) => <option key={user} value={user}>{name}</option>)}
          </NativeSelect>
          {task.status === "open" && (
            <Button size="xs" variant="default" aria-label={`Start: ${task.title}`} onClick={() => change({ status: "in_progress" }, `Start “${task.title}”`)}>Start</Button>
          )}
          {isOpen(task) ? (
            <Button size="xs" aria-label={`Done: ${task.title}`} onClick={() => change({ status: "done" }, `“${task.title}” is done`)}>Done</Button>
          ) : (
            <Button size="xs" variant="default" aria-label={`Open again: ${task.title}`} onClick={() => change({ status: "open" }, `Open “${task.title}” again`)}>Open again</Button>
          )}
          {notification && (
            <Button size="xs" variant="default" aria-label={`Seen: ${task.title}`} onClick={() => acknowledge(notification)}>Seen</Button>
          )}
        </Group>
      </Group>
    </Card>
  );
}
