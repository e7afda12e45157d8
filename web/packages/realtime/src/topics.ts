/** What people share. The server adds the caller's clinic, so the same name means another topic to another clinic. */
export type Topic = "tenant" | "user" | `thread:${string}` | `patient:${string}`;

export const threadTopic = (threadId: string): `thread:${string}` => `thread:${threadId}`;
export const patientTopic = (patientId: string): `patient:${string}` => `patient:${patientId}`;

/** Null for a topic that is no patient's. */
export const patientOf = (topic: string): string | null => (topic.startsWith("patient:") ? topic.slice("patient:".length) : null);

/** A place in a topic's log. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}
