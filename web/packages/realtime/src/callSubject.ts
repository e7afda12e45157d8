import { patientTopic, threadTopic } from "./topics.js";

/** What a call is about. Calls about one thing take effect in the order in which they are made: what is closed and opened again must not end closed. */
export function subjectOf(method: string, [first]: readonly unknown[]): string | null {
  if (typeof first !== "string") return null;
  switch (method) {
    case "Subscribe":
    case "Unsubscribe":
    case "Signal":
      return first;
    case "OpenChart":
    case "CloseChart":
    case "BeginEdit":
    case "TakeOverEdit":
    case "EndEdit":
      return patientTopic(first);
    case "StartTyping":
    case "StopTyping":
      return threadTopic(first);
    case "SetStatus":
      return method;
    default:
      return null;
  }
}
