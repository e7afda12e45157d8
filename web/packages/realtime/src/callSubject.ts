import { patientTopic, threadTopic } from "./topics.js";

/** What a call is about. Calls about one thing take effect in the order in which they are made: what is closed and opened again must not end closed. */
export function subjectOf(method: string, [first]: readonly unknown[]): string | null {
  if (method === "SetStatus") return method;
  if (typeof first !== "string") return null;
  if (/(Chart|Edit)$/.test(method)) return patientTopic(first);
  if (/Typing$/.test(method)) return threadTopic(first);
  return /^(Unsubscribe|Subscribe|Signal)$/.test(method) ? first : null;
}
