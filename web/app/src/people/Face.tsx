import { Avatar, Indicator } from "@mantine/core";
import type { PresenceEntry } from "@clinic/realtime";

const colors = ["cyan", "indigo", "grape", "teal", "orange", "pink", "lime", "blue"] as const;

/** The words for each status, and the colour of its dot. */
export const statusWords: Readonly<Record<PresenceEntry["status"], { word: string; color: string }>> = {
  active: { word: "available", color: "green.6" },
  busy: { word: "busy", color: "red.6" },
  away: { word: "away", color: "yellow.5" },
  hidden: { word: "in another window", color: "gray.5" },
  reconnecting: { word: "reconnecting", color: "gray.5" },
};

export interface FaceProps {
  readonly user: string;
  readonly name: string;
  readonly size?: number;
  readonly status?: PresenceEntry["status"] | undefined;
}

/** Somebody's initials in a colour of their own. It says nothing to a screen reader: the name stands beside it. */
export function Face({ user, name, size = 32, status }: FaceProps) {
  const face = (
    <Avatar aria-hidden size={size} radius="xl" color={colorOf(user)} variant="light" fw={600} styles={{ placeholder: { fontSize: size * 0.38, color: "var(--mantine-color-text)" } }}>
      {initialsOf(name)}
    </Avatar>
  );
  if (!status) return face;
  return (
    <Indicator aria-hidden color={statusWords[status].color} size={Math.max(10, 2 * Math.round(size * 0.15))} offset={Math.round(size * 0.14)} position="bottom-end" withBorder inline display="flex">
      {face}
    </Indicator>
  );
}

export function initialsOf(name: string): string {
  const words = name.replace(/^Dr\.?\s+/, "").split(/\s+/).filter(Boolean);
  const [first = "?", last] = [words[0], words.length > 1 ? words[words.length - 1] : undefined];
  return (first.slice(0, 1) + (last?.slice(0, 1) ?? first.slice(1, 2))).toUpperCase();
}

function colorOf(user: string): string {
  let sum = 0;
  for (const letter of user) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return colors[sum % colors.length] ?? "cyan";
}
