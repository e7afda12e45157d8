import { addOnce, patchList, upsertById } from "@clinic/realtime-react/query";
import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { requestAll } from "../server/lists";
import type { Task, TaskStatus } from "../server/records";
import { request } from "../server/request";
import { onWritten } from "../writes/writes";

export const tasksKey = ["tasks"] as const;

export const tasksQuery = queryOptions({
  queryKey: tasksKey,
  queryFn: ({ signal }) => requestAll<Task>("/api/tasks", {}, signal),
});

export const taskStatuses: Readonly<Record<TaskStatus, string>> = {
  open: "Open",
  in_progress: "In progress",
  done: "Done",
  cancelled: "Cancelled",
};

export function isOpen({ status }: Task): boolean {
  return status === "open" || status === "in_progress";
}

/** Puts a task as it is now into the list, unless a newer one is there. */
export function putTask(queries: QueryClient, task: Task): void {
  queries.setQueryData<{ items: readonly Task[] }>(tasksKey, patchList<Task>((items) => upsertById(items, task)));
}

/** A task that was assigned is told by a link alone: it alone is loaded. */
export function loadAssignedTask(queries: QueryClient, link: string): void {
  if (!queries.getQueryData(tasksKey)) return;
  request<Task>(`/api${link}`).then(
    (task) => putTask(queries, task),
    () => void queries.invalidateQueries({ queryKey: tasksKey }),
  );
}

onWritten<Task>("task", putTask);

onWritten<Task>("task:new", (queries, task) => {
  queries.setQueryData<{ items: readonly Task[] }>(tasksKey, patchList<Task>((items) => addOnce(items, task, "start")));
});
