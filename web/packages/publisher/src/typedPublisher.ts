import { wholeNotification, type Notification } from "./events.js";
import { uuidV7 } from "./uuid.js";

/** The contract's events by name, each one call of `publish`. */
export abstract class TypedPublisher {
  /**
   * Publishes to `tenant`, `user:{id}`, `thread:{id}` or `patient:{id}` of a clinic.
   * @param data Any JSON value; serialized within the call.
   * @param id Makes the event's repeats one event for 24 h; give one when the calling code may itself run twice for the same fact. Otherwise it is chosen.
   * @returns Whether it was queued; false means that it was dropped and reported. Never throws.
   */
  abstract publish(tenant: string, topic: string, type: string, data: unknown, id?: string): boolean;

  /** Tells everybody signed in to the clinic. */
  toTenant(tenant: string, type: string, data: unknown, id?: string): boolean {
    return this.publish(tenant, "tenant", type, data, id);
  }

  /** Tells one user, on all their screens. */
  toUser(tenant: string, userId: string, type: string, data: unknown, id?: string): boolean {
    return this.publish(tenant, topicOf("user", userId), type, data, id);
  }

  /** Tells a thread's participants. The thread has to exist; otherwise the event is dropped as refused. */
  toThread(tenant: string, threadId: string, type: string, data: unknown, id?: string): boolean {
    return this.publish(tenant, topicOf("thread", threadId), type, data, id);
  }

  /** Tells those who follow a patient's chart. */
  toPatientViewers(tenant: string, patientId: string, type: string, data: unknown, id?: string): boolean {
    return this.publish(tenant, topicOf("patient", patientId), type, data, id);
  }

  /** `appointment:created`, to the clinic. */
  appointmentCreated(tenant: string, data: unknown, id?: string): boolean {
    return this.toTenant(tenant, "appointment:created", data, id);
  }

  /** `appointment:updated`, to the clinic. */
  appointmentUpdated(tenant: string, data: unknown, id?: string): boolean {
    return this.toTenant(tenant, "appointment:updated", data, id);
  }

  /** `appointment:cancelled`, to the clinic. */
  appointmentCancelled(tenant: string, data: unknown, id?: string): boolean {
    return this.toTenant(tenant, "appointment:cancelled", data, id);
  }

  /** `patient:checked_in`, to the clinic. */
  patientCheckedIn(tenant: string, data: unknown, id?: string): boolean {
    return this.toTenant(tenant, "patient:checked_in", data, id);
  }

  /** `message:new`, to the thread. */
  messageSent(tenant: string, threadId: string, data: unknown, id?: string): boolean {
    return this.toThread(tenant, threadId, "message:new", data, id);
  }

  /** `message:read`, to the thread. */
  messageRead(tenant: string, threadId: string, data: unknown, id?: string): boolean {
    return this.toThread(tenant, threadId, "message:read", data, id);
  }

  /** `notification:new`, to one user. */
  notifyUser(tenant: string, userId: string, notification: Notification, id?: string): boolean {
    return this.toUser(tenant, userId, "notification:new", wholeNotification(notification, () => uuidV7(Date.now())), id);
  }

  /** `vitals:updated`, to the chart. */
  vitalsUpdated(tenant: string, patientId: string, data: unknown, id?: string): boolean {
    return this.toPatientViewers(tenant, patientId, "vitals:updated", data, id);
  }

  /** `allergy:added`, to the chart. */
  allergyAdded(tenant: string, patientId: string, data: unknown, id?: string): boolean {
    return this.toPatientViewers(tenant, patientId, "allergy:added", data, id);
  }

  /** `medication:added`, to the chart. */
  medicationAdded(tenant: string, patientId: string, data: unknown, id?: string): boolean {
    return this.toPatientViewers(tenant, patientId, "medication:added", data, id);
  }
}

/** A missing id makes a name that is refused, and not the topic of somebody called "undefined". */
const topicOf = (kind: string, id: unknown): string => (typeof id === "string" ? `${kind}:${id}` : kind + ":");
