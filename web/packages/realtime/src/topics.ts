/** What people share. The server adds the caller's clinic, so the same name means another topic to another clinic. */
export type Topic = "tenant" | "user" | `thread:${string}` | `patient:${string}`;

export const threadTopic = (threadId: string): `thread:${string}` => `thread:${threadId}`;
export const patientTopic = (patientId: string): `patient:${string}` => `patient:${patientId}`;

/** A place in a topic's log. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}
