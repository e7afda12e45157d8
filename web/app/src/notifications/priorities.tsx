import type { Priority } from "@clinic/realtime";
import { Badge } from "@mantine/core";
import { ArrowDown, CircleAlert, Minus, TriangleAlert, type LucideIcon } from "lucide-react";

export const priorities: Readonly<Record<Priority, { word: string; icon: LucideIcon; color: string; rank: number }>> = {
  urgent: { word: "Urgent", icon: TriangleAlert, color: "#c92a2a", rank: 0 },
  high: { word: "High", icon: CircleAlert, color: "#b03a06", rank: 1 },
  normal: { word: "Normal", icon: Minus, color: "gray.7", rank: 2 },
  low: { word: "Low", icon: ArrowDown, color: "gray.7", rank: 3 },
};

/** A priority as a shape, a word and a colour. */
export function PriorityBadge({ priority }: { priority: Priority }) {
  const { word, icon: Icon, color } = priorities[priority];
  const loud = priority === "urgent" || priority === "high";
  return (
    <Badge
      variant={loud ? "filled" : "default"}
      {...(loud && { color })}
      leftSection={<Icon aria-hidden size={12} strokeWidth={2.5} />}
      data-priority={priority}
      style={{ flex: "none" }}
    >
      {word}
    </Badge>
  );
}
