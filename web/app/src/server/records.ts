import type { Priority } from "@clinic/realtime";

/** Records that REST answers and no event brings; those of events are in `@clinic/realtime`. */

export type TaskStatus = "open" | "in_progress" | "done" | "cancelled";

export interface Task {
  readonly id: string;
  readonly title: string;
  readonly assignedTo: string | null;
  readonly dueAt: string | null;
  readonly priority: Priority;
  readonly status: TaskStatus;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

export interface Patient {
  readonly id: string;
  readonly name: string;
  readonly birthDate: string;
}

export interface Order {
  readonly id: string;
  readonly patientId: string;
  readonly providerId: string;
  readonly kind: string;
  readonly details: string;
  readonly priority: "normal" | "urgent";
  readonly status: "new" | "in_progress" | "completed" | "cancelled";
  readonly createdBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}
