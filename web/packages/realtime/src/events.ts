/** Times are RFC 3339 texts, ids opaque texts. Fields may be added by a later server. */

export type AppointmentStatus = "scheduled" | "confirmed" | "checked_in" | "in_progress" | "completed" | "no_show" | "cancelled";

export interface Appointment {
  readonly id: string;
  readonly patientId: string;
  readonly providerId: string;
  readonly startsAt: string;
  readonly durationMinutes: number;
  readonly reason: string;
  readonly status: AppointmentStatus;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Rises by one with each change: tells which of two copies is the newer. */
  readonly version: number;
}

export interface PatientCheckedIn {
  readonly appointmentId: string;
  readonly patientId: string;
  readonly providerId: string;
  readonly startsAt: string;
  readonly at: string;
}

export interface Message {
  readonly id: string;
  readonly threadId: string;
  /** Counts a thread's messages from 1. */
  readonly sequence: number;
  readonly author: string;
  readonly authorName: string;
  readonly body: string;
  readonly sentAt: string;
  readonly readBy: readonly { readonly user: string; readonly readAt: string }[];
}

export interface MessageRead {
  readonly messageId: string;
  readonly threadId: string;
  readonly user: string;
  readonly readAt: string;
}

export type NotificationKind = "task_assigned" | "lab_result_ready" | "order_new" | "order_urgent" | "system";
export type Priority = "low" | "normal" | "high" | "urgent";

export interface NewNotification {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly priority: Priority;
  readonly title: string;
  readonly body: string;
  /** A path of the application. */
  readonly link: string;
  readonly requiresAck: boolean;
}

export interface NotificationAcknowledged {
  readonly id: string;
  readonly by: string;
  readonly at: string;
}

export interface NotificationEscalated {
  /** The receiver's own notification. */
  readonly id: string;
  /** The first notification of the matter, the same for all concerned. */
  readonly matter: string;
  readonly from: string;
  readonly to: string;
  readonly reason: "not_acknowledged" | "nobody_left";
  readonly step: number;
  readonly at: string;
  readonly dueAt: string;
}

export interface UnreadChanged {
  readonly messages: number;
  readonly notifications: number;
  /** The thread that changed the counts. */
  readonly threadId?: string | null;
}

export interface Vitals {
  readonly patientId: string;
  readonly systolic?: number | null;
  readonly diastolic?: number | null;
  readonly heartRate?: number | null;
  readonly temperature?: number | null;
  readonly oxygenSaturation?: number | null;
  readonly weight?: number | null;
  readonly updatedBy: string;
  readonly updatedAt: string;
  readonly version: number;
}

export interface Allergy {
  readonly id: string;
  readonly patientId: string;
  readonly substance: string;
  readonly reaction?: string | null;
  readonly severity?: string | null;
  readonly addedBy: string;
  readonly addedAt: string;
}

export interface Medication {
  readonly id: string;
  readonly patientId: string;
  readonly name: string;
  readonly dose: string;
  readonly frequency?: string | null;
  readonly addedBy: string;
  readonly addedAt: string;
}

export interface EditStarted {
  readonly section: string;
  readonly user: string;
  readonly name: string;
}

export interface EditEnded {
  readonly section: string;
  readonly user: string;
  readonly reason: "ended" | "taken_over" | "connection_lost" | "expired";
  /** Who did it; null when nobody did. */
  readonly by: string | null;
}

export interface RestrictionChanged {
  readonly patientId: string;
  readonly restricted: boolean;
}

/**
 * The data of each type of event. Backends may publish types of their own; declare them, and every handler knows them:
 *
 * ```ts
 * declare module "@clinic/realtime" {
 *   interface EventMap { "bed:freed": { ward: string; bed: string } }
 * }
 * ```
 */
export interface EventMap {
  "appointment:created": Appointment;
  "appointment:updated": Appointment;
  "appointment:cancelled": Appointment;
  "patient:checked_in": PatientCheckedIn;
  "message:new": Message;
  "message:read": MessageRead;
  "notification:new": NewNotification;
  "notification:acknowledged": NotificationAcknowledged;
  "notification:escalated": NotificationEscalated;
  "unread:changed": UnreadChanged;
  "vitals:updated": Vitals;
  "allergy:added": Allergy;
  "medication:added": Medication;
  "edit:started": EditStarted;
  "edit:ended": EditEnded;
  "restriction:changed": RestrictionChanged;
}

export type EventType = keyof EventMap;

/** A stored fact. Within a topic and epoch offsets rise by one. */
export interface EventOf<K extends EventType> {
  readonly topic: string;
  readonly type: K;
  /** The event's own within its topic. */
  readonly id: string;
  readonly epoch: string;
  readonly offset: number;
  /** When it was stored. */
  readonly time: string;
  readonly data: EventMap[K];
  /** The user whose doing it is; left out when there is none. */
  readonly by?: string;
}

/** Any event, told apart by its `type`. At run time types may come that this version does not know: leave a `default` that does nothing. */
export type ClinicEvent = { [K in EventType]: EventOf<K> }[EventType];

/** A best-effort message of one of the topic's other connections, stored nowhere. */
export interface Signal {
  readonly topic: string;
  readonly name: string;
  readonly data: unknown;
  /** A user. */
  readonly by: string;
}
