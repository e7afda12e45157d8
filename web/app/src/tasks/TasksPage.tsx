import { Button, Card, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { openQuery } from "../notifications/notifications";
import { priorities } from "../notifications/priorities";
import { useMe } from "../session/useSession";
import type { Task } from "../server/records";
import { Loaded } from "../shell/Loaded";
import { PageHead } from "../shell/PageHead";
import { NewTask } from "./NewTask";
import { TaskCard } from "./TaskCard";
import { isOpen, tasksQuery } from "./tasks";

const views = [
  { value: "mine", label: "Mine" },
  { value: "all", label: "All open" },
  { value: "done", label: "Done" },
];

/** The clinic's tasks; with a task's id in the address that one stands out. */
export function TasksPage() {
  const me = useMe();
  const { taskId } = useParams({ strict: false });
  const [view, setView] = useState(taskId ? "all" : "mine");
  const [making, setMaking] = useState(false);
  const query = useQuery(tasksQuery);
  const { data: open } = useQuery(openQuery);
  const fresh = new Map(open?.items.filter(({ kind }) => kind === "task_assigned").map((one) => [one.link, one]));
  return (
    <>
      <PageHead title="Tasks" width={820}>
        <SegmentedControl aria-label="Which" size="sm" value={view} onChange={setView} data={views} />
        <Button leftSection={<Plus aria-hidden size={16} />} onClick={() => setMaking(true)}>New task</Button>
      </PageHead>
      <NewTask opened={making} onClose={() => setMaking(false)} />
      <Loaded query={query}>
        {({ items }) => {
          const shown = sorted(items.filter((task) => shows(view, task, me.user)));
          if (shown.length === 0) {
            return (
              <Card withBorder ta="center" py="xl" maw={820}>
                <Text fw={500}>{view === "done" ? "Nothing is done yet" : "Nothing is to be done"}</Text>
                <Text size="sm" c="dimmed">Tasks that colleagues assign to you appear here by themselves.</Text>
              </Card>
            );
          }
          return (
            <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} maw={820}>
              {shown.map((task) => (
                <TaskCard key={task.id} task={task} notification={fresh.get(`/tasks/${task.id}`)} sought={task.id === taskId} />
              ))}
            </Stack>
          );
        }}
      </Loaded>
    </>
  );
}

function shows(view: string, task: Task, me: string): boolean {
  if (view === "done") return !isOpen(task);
  return isOpen(task) && (view === "all" || task.assignedTo === me);
}

function sorted(tasks: readonly Task[]): readonly Task[] {
  return [...tasks].sort((a, b) => priorities[a.priority].rank - priorities[b.priority].rank || (a.dueAt ?? "9").localeCompare(b.dueAt ?? "9"));
}
