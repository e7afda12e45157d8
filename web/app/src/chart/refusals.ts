import { explain, Problem } from "../server/problem";
import { clockTime } from "../schedule/day";

/** Why a change to a chart was refused: who holds the section is named. */
export function explainRefusal(error: unknown): string {
  if (!(error instanceof Problem) || error.status !== 409 || !("heldBy" in error.document)) return explain(error);
  const holder = error.document["heldBy"];
  if (!isHolder(holder)) return "Your edit had ended before this was sent. What you typed is still here: edit again, look at what is there now, and save.";
  return `${holder.name} has edited this section since ${clockTime(holder.since)}. What you typed is still here.`;
}

function isHolder(value: unknown): value is { name: string; since: string } {
  return typeof value === "object" && value !== null && typeof (value as { name?: unknown }).name === "string" && typeof (value as { since?: unknown }).since === "string";
}
