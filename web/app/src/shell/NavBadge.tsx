import { Badge as Pill } from "@mantine/core";

/** How many wait at a place, and what they are, for those who do not see the number's place. */
export interface Badge {
  readonly count: number;
  /** Such as `unread`: read out after the number. */
  readonly of: string;
  readonly urgent?: boolean;
}

export function NavBadge({ badge, className }: { badge: Badge | null; className?: string }) {
  if (!badge || badge.count === 0) return null;
  return (
    <Pill component="span" size="sm" circle={badge.count < 10} color={badge.urgent ? "red.8" : "cyan.9"} className={className ?? ""} data-badge>
      <span aria-hidden>{badge.count > 99 ? "99+" : badge.count}</span>
      <span className="mantine-visually-hidden">{`, ${badge.count} ${badge.of}`}</span>
    </Pill>
  );
}
